internal import Basis

/// What happens by itself, for those who train: one fact after the other once somebody has come in.
extension PracticeConference {
    /// What the partners say once there is a transcriber; they speak French.
    private static let speech = [
        "Bonjour à toutes et à tous.", "Nous passons au point suivant de l’ordre du jour.",
        "Le budget de l’école a été voté en commission la semaine dernière, sans opposition.",
        "Quelqu’un souhaite-t-il prendre la parole ?",
    ]

    /// Somebody came in.
    mutating func startScript(at now: MonotonicInstant) {
        guard !options.script.isEmpty, clients.count(where: { $0.nick != nil }) == 1 else { return }
        meeting.scriptPlace = 0
        meeting.scriptDeadline = now + PracticeMeeting.scriptPace
    }

    mutating func advanceScript(to now: MonotonicInstant) {
        if let deadline = meeting.admissionDeadline, deadline <= now {
            meeting.admissionDeadline = nil
            for name in Set(knocking) { admit(named: name) }
        }
        if let deadline = meeting.scriptDeadline, deadline <= now {
            let place = meeting.scriptPlace
            meeting.scriptPlace += 1
            meeting.scriptDeadline =
                meeting.scriptPlace < options.script.count ? now + PracticeMeeting.scriptPace : nil
            if place < options.script.count { happen(options.script[place], at: now) }
        }
        if let deadline = meeting.speechDeadline, deadline <= now { speak(at: now) }
    }

    private mutating func happen(_ fact: PracticeFact, at now: MonotonicInstant) {
        let name = partners.first?.settings.name ?? ""
        let members = clients.compactMap(\.nick)
        guard !members.isEmpty else { return }
        switch fact {
        case .recording: setRecording("on", by: name)
        case .liveStream: setRecording("on", isStream: true, by: name)
        case .captions:
            setTranscriber(true)
            meeting.speechDeadline = now + .seconds(1)
        case .encryption: setEncryption(true, partnerNamed: name)
        case .lock: setPassword("entrainement")
        case .kick: for nick in members { kick(nick, by: name, reason: "Fin de l’exercice", at: now) }
        case .end: end(reason: "Fin de l’exercice", at: now)
        }
    }

    /// Half a sentence first, the whole of it a moment later.
    private mutating func speak(at now: MonotonicInstant) {
        guard meeting.hasTranscriber, !partners.isEmpty, clients.contains(where: { $0.nick != nil }) else {
            meeting.speechDeadline = nil
            return
        }
        let sentence = meeting.speechPlace / 2
        let text = Self.speech[sentence % Self.speech.count]
        let isInterim = meeting.speechPlace % 2 == 0
        meeting.speechPlace += 1
        meeting.speechDeadline = now + (isInterim ? .seconds(1) : PracticeMeeting.speechPace)
        caption(
            isInterim ? String(text.prefix(text.count / 2)) + "…" : text, id: "speech-\(sentence)",
            isInterim: isInterim, partnerNamed: partners[sentence % partners.count].settings.name)
    }
}
