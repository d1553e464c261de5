/// Every word the screen says by itself, in both languages.
package enum Strings {
    package enum Key: CaseIterable, Sendable {
        case starting, idleHint, joiningTitle, hangUpToCancel, hangUpToLeave
        case stepFinding, stepContacting, stepEntering, stepConnecting
        case passwordTitle, passwordMissing, passwordRefusedTitle, passwordRefused, passwordAction
        case hostTitle, hostSentence, lobbyTitle, lobbySentence
        case aloneTitle, aloneSentence
        case reconnectingTitle, reconnectingSentence, leaving
        case microphoneMuted, cameraOff, handRaised, guest, faultTitle
        case buttonJoin, buttonHangUp, buttonMicrophone, buttonCamera, buttonHand
    }

    package static func text(_ key: Key, _ language: Language) -> String {
        let (french, english) = both(key)
        switch language {
        case .french: return french
        case .english: return english
        }
    }

    /// French takes the singular for 0 and 1, English for 1 alone.
    package static func participants(_ count: Int, _ language: Language) -> String {
        switch language {
        case .french: count < 2 ? "\(count) participant" : "\(count) participants"
        case .english: count == 1 ? "1 participant" : "\(count) participants"
        }
    }

    /// Those of whom there is no tile.
    package static func others(_ count: Int, _ language: Language) -> String {
        switch language {
        case .french: count < 2 ? "et \(count) autre" : "et \(count) autres"
        case .english: count == 1 ? "and 1 other" : "and \(count) others"
        }
    }

    /// Whose screen is shown.
    package static func screen(of name: String, _ language: Language) -> String {
        switch language {
        case .french: name.isEmpty ? "Écran partagé" : "Écran partagé par \(name)"
        case .english: name.isEmpty ? "Shared screen" : "Screen shared by \(name)"
        }
    }

    package static func key(for step: JoinStep) -> Key {
        switch step {
        case .finding: .stepFinding
        case .contacting: .stepContacting
        case .entering: .stepEntering
        case .connecting: .stepConnecting
        }
    }

    package static func key(for role: SceneButtonRole) -> Key {
        switch role {
        case .join: .buttonJoin
        case .hangUp: .buttonHangUp
        case .microphone: .buttonMicrophone
        case .camera: .buttonCamera
        case .hand: .buttonHand
        }
    }

    // U+00A0 before the double punctuation of French, U+2019 for apostrophes.
    private static func both(_ key: Key) -> (french: String, english: String) {
        switch key {
        case .starting: ("Démarrage en cours", "Starting up")
        case .idleHint: ("Appuyez sur le bouton pour rejoindre la réunion", "Press the button to join the meeting")
        case .joiningTitle: ("Vous rejoignez", "You are joining")
        case .hangUpToCancel: ("Raccrocher pour annuler", "Hang up to cancel")
        case .hangUpToLeave: ("Raccrocher pour quitter la réunion", "Hang up to leave the meeting")
        case .stepFinding: ("Recherche du service", "Finding the service")
        case .stepContacting: ("Connexion au serveur", "Connecting to the server")
        case .stepEntering: ("Entrée dans la salle", "Entering the room")
        case .stepConnecting: ("Mise en place du son et de l’image", "Setting up sound and picture")
        case .passwordTitle: ("Mot de passe demandé", "Password required")
        case .passwordMissing:
            ("Cette salle est protégée par un mot de passe.", "This room is protected by a password.")
        case .passwordRefusedTitle: ("Mot de passe refusé", "Password refused")
        case .passwordRefused:
            (
                "La salle n’a pas accepté le mot de passe de cet appareil.",
                "The room did not accept this device’s password."
            )
        case .passwordAction:
            ("Demandez le mot de passe à l’organisateur", "Ask the organiser for the password")
        case .hostTitle: ("En attente de l’organisateur", "Waiting for the organiser")
        case .hostSentence: ("La réunion commencera dès son arrivée.", "The meeting will begin on their arrival.")
        case .lobbyTitle: ("Vous êtes en salle d’attente", "You are in the waiting room")
        case .lobbySentence: ("L’organisateur va vous faire entrer.", "The organiser will let you in.")
        case .aloneTitle: ("Vous êtes seul dans la salle", "You are the only one here")
        case .aloneSentence:
            ("Les autres participants peuvent entrer à cette adresse\u{A0}:", "Others can join at this address:")
        case .reconnectingTitle: ("Reconnexion en cours", "Reconnecting")
        case .reconnectingSentence:
            (
                "La liaison est interrompue, la réunion va reprendre.",
                "The connection was lost, the meeting will resume."
            )
        case .leaving: ("Vous quittez la réunion", "Leaving the meeting")
        case .microphoneMuted: ("Micro coupé", "Microphone muted")
        case .cameraOff: ("Caméra coupée", "Camera off")
        case .handRaised: ("Main levée", "Hand raised")
        case .guest: ("Invité", "Guest")
        case .faultTitle: ("Incident", "Problem")
        case .buttonJoin: ("Rejoindre", "Join")
        case .buttonHangUp: ("Raccrocher", "Hang up")
        case .buttonMicrophone: ("Micro", "Microphone")
        case .buttonCamera: ("Caméra", "Camera")
        case .buttonHand: ("Lever la main", "Raise hand")
        }
    }
}
