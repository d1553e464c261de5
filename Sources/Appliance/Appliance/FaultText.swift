internal import Room
internal import Scene

/// The sentence and the one action of each fault and each end of a call, in both languages.
enum FaultText {
    static func fault(_ fault: RoomFault, _ language: Language) -> (sentence: String, action: String) {
        let text: (french: (String, String), english: (String, String)) =
            switch fault {
            case .serverNotFound:
                (
                    ("Le serveur de réunion est introuvable.", "Vérifiez le câble réseau du boîtier, puis réessayez."),
                    ("The meeting server cannot be found.", "Check the box’s network cable, then try again.")
                )
            case .serverUnreachable:
                (
                    (
                        "Le serveur de réunion ne répond pas.",
                        "Réessayez dans un instant\u{A0}; sinon, prévenez le service informatique."
                    ),
                    ("The meeting server does not answer.", "Try again in a moment, else tell the IT service.")
                )
            case .certificateRefused:
                (
                    (
                        "Le certificat du serveur n’est pas reconnu.",
                        "Le service informatique doit ajouter son autorité à «\u{A0}trust.ca_files\u{A0}»."
                    ),
                    (
                        "The server’s certificate is not trusted.",
                        "The IT service must add its authority to ‘trust.ca_files’."
                    )
                )
            case .proxyAccountRefused:
                (
                    (
                        "Le serveur mandataire (proxy) du réseau demande un compte.",
                        "Le service informatique doit vérifier «\u{A0}network.proxy_user\u{A0}» et son mot de passe."
                    ),
                    (
                        "The network’s proxy asks for an account.",
                        "The IT service must check ‘network.proxy_user’ and its password."
                    )
                )
            case .proxyRefused:
                (
                    (
                        "Le serveur mandataire (proxy) du réseau interdit le serveur de réunion.",
                        "Le service informatique doit l’y autoriser, ou l’ajouter à «\u{A0}network.no_proxy\u{A0}»."
                    ),
                    (
                        "The network’s proxy forbids the meeting server.",
                        "The IT service must allow it there, or add it to ‘network.no_proxy’."
                    )
                )
            case .notAMeetingServer:
                (
                    (
                        "L’adresse ne mène pas à un serveur de réunion.",
                        "Le service informatique doit vérifier l’adresse dans la configuration."
                    ),
                    (
                        "The address does not lead to a meeting server.",
                        "The IT service must check the address in the configuration."
                    )
                )
            case .accountRefused:
                (
                    (
                        "Le serveur refuse le compte du boîtier.",
                        "Le service informatique doit vérifier le compte ou le jeton."
                    ),
                    ("The server refuses the box’s account.", "The IT service must check the account or the token.")
                )
            case .passwordRefused:
                (
                    ("Le mot de passe de la réunion est refusé.", "Demandez le mot de passe à l’organisateur."),
                    ("The meeting’s password is refused.", "Ask the organiser for the password.")
                )
            case .entryRefused:
                (
                    ("L’entrée dans cette réunion est refusée.", "Appelez l’organisateur de la réunion."),
                    ("Entry to this meeting is refused.", "Call the meeting’s organiser.")
                )
            case .meetingFull:
                (
                    ("La réunion est complète.", "Réessayez quand quelqu’un sera parti."),
                    ("The meeting is full.", "Try again when somebody has left.")
                )
            case .lobbyRefused:
                (
                    ("Un modérateur a refusé l’entrée.", "Appelez l’organisateur de la réunion."),
                    ("A moderator refused entry.", "Call the meeting’s organiser.")
                )
            case .mediaBlocked:
                (
                    (
                        "Le son et l’image ne passent pas.",
                        "Le réseau bloque peut-être l’UDP\u{A0}: prévenez le service informatique."
                    ),
                    ("Sound and picture do not get through.", "The network may block UDP: tell the IT service.")
                )
            case .mediaKeyMismatch:
                (
                    (
                        "La connexion n’est pas sûre\u{A0}: la clé du serveur n’est pas la bonne.",
                        "N’insistez pas\u{A0}; prévenez le service informatique."
                    ),
                    (
                        "The connection is not safe: the server’s key is not the right one.",
                        "Do not insist; tell the IT service."
                    )
                )
            case .mediaFailed:
                (
                    (
                        "Le boîtier n’a pas pu préparer le son et l’image.",
                        "Débranchez-le, attendez dix secondes, rebranchez-le."
                    ),
                    ("The box could not prepare sound and picture.", "Unplug it, wait ten seconds, plug it in again.")
                )
            }
        let chosen = language == .french ? text.french : text.english
        return (chosen.0, chosen.1)
    }

    static func ended(_ reason: LeaveReason, _ language: Language) -> (sentence: String, action: String) {
        let isFrench = language == .french
        return switch reason {
        case .kicked:
            (
                isFrench
                    ? "Un modérateur a retiré la salle de la réunion."
                    : "A moderator removed the room from the meeting.",
                isFrench ? "Appuyez sur Rejoindre pour revenir." : "Press Join to come back."
            )
        case .roomClosed, .hungUp, .switching:
            (
                isFrench ? "La réunion est terminée." : "The meeting is over.",
                isFrench ? "Vous pouvez quitter la salle." : "You may leave the room."
            )
        }
    }
}
