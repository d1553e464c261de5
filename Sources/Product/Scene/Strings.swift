package import Room

/// What the screen says, put together by the rules of a language.
package enum Strings {
    /// The text of a message; English, then its name, where the language lacks it.
    package static func text(_ message: Message, _ language: Language) -> String {
        language.catalogue.messages[message] ?? Catalogue.english.messages[message] ?? message.rawValue
    }

    /// A message about somebody. The name comes from outside: it is cleaned, and cannot turn the sentence round.
    package static func text(_ message: Message, name: String, _ language: Language) -> String {
        language.catalogue.mark + filled(text(message, language), "name", DisplayText.isolated(name))
    }

    /// A message about `count` things, in the plural form that the language gives it.
    package static func count(_ plural: Plural, _ count: Int, _ language: Language) -> String {
        let catalogue = language.catalogue
        let forms = catalogue.plurals[plural] ?? [:]
        let form = forms[catalogue.category(max(0, count))] ?? forms[.other] ?? "{count}"
        return filled(form, "count", integer(count, language))
    }

    /// "3 participants".
    package static func participants(_ count: Int, _ language: Language) -> String {
        self.count(.participants, count, language)
    }

    /// Those of whom there is no tile.
    package static func others(_ count: Int, _ language: Language) -> String {
        self.count(.others, count, language)
    }

    /// Whose screen is shown.
    package static func screen(of name: String, _ language: Language) -> String {
        DisplayText.clean(name).isEmpty
            ? text(.sharedScreen, language) : text(.sharedScreenOf, name: name, language)
    }

    /// Who says what.
    static func speech(of speaker: String, _ words: String, _ language: Language) -> String {
        language.catalogue.mark
            + filled(text(.speech, language), "name", DisplayText.isolated(speaker)) + " " + words
    }

    // MARK: Dates and numbers

    /// Such as "jeudi 1er octobre 2026"; empty for a day that no calendar has.
    package static func date(_ date: CivilDate, _ language: Language) -> String {
        let catalogue = language.catalogue
        guard (1...12).contains(date.month), (1...31).contains(date.day), (1...9999).contains(date.year) else {
            return ""
        }
        let day = date.day == 1 ? catalogue.firstDay ?? "1" : String(date.day)
        var text = filled(catalogue.datePattern, "weekday", catalogue.weekdays[date.weekday])
        text = filled(text, "day", day)
        text = filled(text, "month", catalogue.months[date.month - 1])
        return filled(text, "year", String(date.year))
    }

    /// A time of day as the language writes it.
    package static func time(_ time: CivilTime, _ language: Language) -> String {
        let catalogue = language.catalogue
        let hour = catalogue.padsHours ? twoDigits(time.hour) : String(time.hour)
        return filled(filled(catalogue.timePattern, "hour", hour), "minute", twoDigits(time.minute))
    }

    /// As a counter shows it: 0:07, 12:04, 1:02:03.
    package static func duration(seconds: Int) -> String {
        let whole = max(0, seconds)
        let rest = ":" + twoDigits(whole % 60)
        return whole < 3600
            ? String(whole / 60) + rest : String(whole / 3600) + ":" + twoDigits(whole / 60 % 60) + rest
    }

    /// A whole number with the language's marks between groups.
    package static func integer(_ number: Int, _ language: Language) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "\u{2212}" : ""
        for (index, digit) in digits.enumerated() {
            let left = digits.count - index
            if index > 0, left % 3 == 0 { text += language.catalogue.groupMark }
            text.append(digit)
        }
        return text
    }

    /// A number given in tenths, with one digit after the mark.
    package static func decimal(tenths: Int, _ language: Language) -> String {
        let sign = tenths < 0 ? "\u{2212}" : ""
        let magnitude = Int(clamping: tenths.magnitude)
        return sign + integer(magnitude / 10, language) + language.catalogue.decimalMark + String(magnitude % 10)
    }

    /// A number and its unit.
    package static func quantity(_ number: String, _ unit: String, _ language: Language) -> String {
        number + language.catalogue.unitSpace + unit
    }

    private static func twoDigits(_ number: Int) -> String {
        (0..<10).contains(number) ? "0\(number)" : String(number)
    }

    /// `template` with what stands in braces replaced, wherever it stands.
    private static func filled(_ template: String, _ field: String, _ value: String) -> String {
        let mark = "{" + field + "}"
        var rest = template[...]
        var text = ""
        while let brace = rest.firstIndex(of: "{") {
            text += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix(mark) {
                text += value
                rest = rest.dropFirst(mark.count)
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text + rest
    }

    // MARK: Which message

    /// The words for a step of joining.
    package static func message(for step: JoinStep) -> Message {
        switch step {
        case .configuration: .stepFinding
        case .signalling: .stepContacting
        case .focus, .room: .stepEntering
        case .media: .stepConnecting
        }
    }

    /// The words for what a button does.
    package static func message(for role: SceneButtonRole) -> Message {
        switch role {
        case .join: .buttonJoin
        case .hangUp: .buttonHangUp
        case .microphone: .buttonMicrophone
        case .camera: .buttonCamera
        case .hand: .buttonHand
        case .layout: .buttonLayout
        case .louder: .buttonLouder
        case .softer: .buttonSofter
        case .people: .peopleTitle
        }
    }

    /// The words for a hop of the connection check.
    package static func message(for rung: ConnectionRung) -> Message {
        switch rung {
        case .cable: .rungCable
        case .address: .rungAddress
        case .names: .rungNames
        case .time: .rungTime
        case .tls: .rungTLS
        case .signalling: .rungSignalling
        case .bridge: .rungBridge
        case .media: .rungMedia
        }
    }

    /// What is wrong with a rung, in a few words; a server's name goes into it.
    package static func message(for trouble: RungTrouble) -> Message {
        switch trouble {
        case .noCarrier: .rungNoCable
        case .noAddress: .rungNoAddress
        case .nameUnknown: .rungNameUnknown
        case .clockWrong: .rungClockWrong
        case .noAnswer: .rungNoAnswer
        case .certificateRefused: .rungCertificate
        case .proxyRefused: .rungProxyRefused
        case .notAMeetingServer: .rungWrongServer
        case .blocked: .rungBlocked
        case .keyMismatch: .rungWrongKey
        case .engineFailed: .rungEngineFailed
        }
    }

    /// The name of an arrangement.
    package static func message(for view: CallView) -> Message {
        switch view {
        case .automatic: .viewAutomatic
        case .speaker: .viewSpeaker
        case .tiles: .viewTiles
        }
    }

    /// The whole link when both ways are alike, else the worse way.
    package static func message(for link: LinkQuality) -> Message {
        if link.sent == link.received {
            return switch link.sent {
            case .good: .linkGood
            case .fair: .linkFair
            case .poor: .linkPoor
            case .bad: .linkBad
            }
        }
        let isSending = link.sent < link.received
        return switch min(link.sent, link.received) {
        case .bad: isSending ? .sendingBad : .receivingBad
        case .poor: isSending ? .sendingPoor : .receivingPoor
        case .fair, .good: isSending ? .sendingFair : .receivingFair
        }
    }
}
