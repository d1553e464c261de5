internal import Room
internal import Scene

/// The sentence and the one action of each fault and each end of a call.
enum FaultText {
    static func fault(_ fault: RoomFault, _ language: Language) -> (sentence: String, action: String) {
        let (sentence, action): (Message, Message) =
            switch fault {
            case .serverNotFound: (.faultServerNotFound, .faultServerNotFoundAction)
            case .serverUnreachable: (.faultServerUnreachable, .faultServerUnreachableAction)
            case .certificateRefused: (.faultCertificate, .faultCertificateAction)
            case .proxyAccountRefused: (.faultProxyAccount, .faultProxyAccountAction)
            case .proxyRefused: (.faultProxy, .faultProxyAction)
            case .notAMeetingServer: (.faultWrongServer, .faultWrongServerAction)
            case .accountRefused: (.faultAccount, .faultAccountAction)
            case .entryRefused: (.faultEntry, .faultEntryAction)
            case .meetingFull: (.faultFull, .faultFullAction)
            case .lobbyRefused: (.faultLobbyRefused, .faultLobbyRefusedAction)
            case .signInRequired: (.faultSignIn, .faultSignInAction)
            case .configurationNotUnderstood: (.faultServerConfiguration, .faultServerConfigurationAction)
            case .mediaBlocked: (.faultBlocked, .faultBlockedAction)
            case .mediaKeyMismatch: (.faultWrongKey, .faultWrongKeyAction)
            case .mediaFailed: (.faultEngine, .faultEngineAction)
            }
        return (Strings.text(sentence, language), Strings.text(action, language))
    }

    static func ended(_ reason: LeaveReason, _ language: Language) -> (sentence: String, action: String) {
        let (sentence, action): (Message, Message) =
            switch reason {
            case .kicked: (.endedKicked, .endedKickedAction)
            case .roomClosed, .hungUp, .switching: (.endedClosed, .endedClosedAction)
            }
        return (Strings.text(sentence, language), Strings.text(action, language))
    }
}
