/// What lies over the pictures for a while.
extension SceneBuilder {
    var captionHeight: Int { length(0.125) }

    /// What was said last, in the order it was said: two short sentences or one long one.
    var captionLines: [CaptionLine] {
        state.captions.suffix(2).filter { !DisplayText.clean($0.text).isEmpty }
    }

    mutating func captions() {
        guard let last = captionLines.last else { return }
        let right = (selfRectangle?.x ?? width - margin) - gap
        let wide = max(1, min(length(1.1), 2 * (right - width / 2)))
        let room = wide - length(0.06)
        let isLong = estimatedWidth(caption(last), size: Self.captionSize) > room
        let shown = isLong ? [caption(last, fitting: room * 19 / 10)] : captionLines.map { caption($0, fitting: room) }
        let high = isLong ? captionHeight : captionHeight / 2
        for (index, words) in shown.enumerated() {
            text(
                words,
                in: SceneRectangle(
                    x: width / 2 - wide / 2, y: stageArea.maxY + gap + index * high, width: wide,
                    height: max(1, high - length(0.004))),
                size: Self.captionSize, lines: isLong ? 2 : 1,
                plate: TextLayer.Plate(colour: .plate, icon: nil, roundness: isLong ? 0.1 : 0.16))
        }
    }

    private static let captionSize = 0.038

    private func caption(_ line: CaptionLine) -> String {
        let speaker = DisplayText.clean(line.speaker)
        let text = DisplayText.clean(line.text)
        guard !speaker.isEmpty else { return text }
        return Strings.speech(of: speaker, text, state.language)
    }

    /// As much of the end as has a place; whose words they are is always said.
    private func caption(_ line: CaptionLine, fitting room: Int) -> String {
        let whole = caption(line)
        let speaker = DisplayText.clean(line.speaker)
        guard !speaker.isEmpty, estimatedWidth(whole, size: Self.captionSize) > room else {
            return ending(of: whole, fitting: room)
        }
        let place = room - estimatedWidth(Strings.speech(of: speaker, "", state.language), size: Self.captionSize)
        // A name that leaves no place for words is cut with them.
        guard place > room / 3 else { return ending(of: whole, fitting: room) }
        return Strings.speech(
            of: speaker, ending(of: DisplayText.clean(line.text), fitting: place), state.language)
    }

    /// The last words of a sentence that is longer than its place: what is being said now matters most.
    private func ending(of sentence: String, fitting room: Int) -> String {
        guard estimatedWidth(sentence, size: Self.captionSize) > room else { return sentence }
        var kept = ""
        for word in sentence.split(separator: " ").reversed() {
            let longer = kept.isEmpty ? String(word) : word + " " + kept
            if estimatedWidth("… " + longer, size: Self.captionSize) > room { break }
            kept = longer
        }
        guard kept.isEmpty else { return "… " + kept }
        // Scripts without spaces, or one very long word.
        var rest = sentence[...]
        while rest.count > 1, estimatedWidth("… " + rest, size: Self.captionSize) > room { rest = rest.dropFirst() }
        return "… " + rest
    }

    /// Cards at the upper right, one below the other: what is not plugged in, what happened, what was written.
    mutating func toasts() {
        let area = stageArea
        let wide = min(length(0.66), area.width)
        var place = SceneRectangle(
            x: area.maxX - wide, y: area.y + gap, width: wide, height: length(0.066))
        if state.panel == nil { place.x = width - margin - wide }
        for device in MissingDevice.allCases where state.missingDevices.contains(device) {
            toast(words(Self.message(for: device)), icon: .warning, in: &place, lines: 2)
        }
        for notice in state.notices.suffix(2) { toast(notice, icon: .information, in: &place, lines: 2) }
        guard state.panel != .chat else { return }
        for message in state.chatNotices.suffix(ChatNotices.mostShown) { chatToast(message, in: &place) }
    }

    /// What happened, on screens without moving pictures: under the town's band.
    mutating func notices() {
        let wide = length(0.66)
        var place = SceneRectangle(
            x: width - margin - wide, y: Int(0.15 * Double(height)), width: wide, height: length(0.066))
        for notice in state.notices.suffix(2) { toast(notice, icon: .information, in: &place, lines: 2) }
    }

    private static func message(for device: MissingDevice) -> Message {
        switch device {
        case .camera: .noCamera
        case .microphone: .noMicrophone
        case .speaker: .noSpeaker
        }
    }

    private mutating func toast(_ words: String, icon drawing: SceneIcon, in place: inout SceneRectangle, lines: Int) {
        let isLong = lines > 1 && estimatedWidth(words, size: TypeSize.small) > place.width - length(0.12)
        place.height = length(isLong ? 0.1 : 0.066)
        toastCard(place)
        let side = length(0.042)
        icon(
            drawing,
            SceneRectangle(
                x: place.x + length(0.022), y: place.y + (place.height - side) / 2, width: side, height: side),
            drawing == .warning ? .warning : .accent)
        let left = place.x + length(0.085)
        text(
            words,
            in: SceneRectangle(
                x: left, y: place.y, width: max(1, place.maxX - length(0.022) - left), height: place.height),
            size: TypeSize.small, weight: .semibold, alignment: .left, lines: isLong ? 2 : 1)
        place.y = place.maxY + gap
    }

    /// A chat message: who, and two lines of it.
    private mutating func chatToast(_ message: ChatMessage, in place: inout SceneRectangle) {
        let needed = estimatedWidth(DisplayText.clean(message.text), size: 0.034)
        let lines = min(3, 1 + needed / max(1, place.width - length(0.12)))
        place.height = length(0.062 + 0.047 * Double(lines))
        toastCard(place)
        let side = length(0.042)
        icon(
            .message,
            SceneRectangle(x: place.x + length(0.022), y: place.y + length(0.016), width: side, height: side), .accent)
        let left = place.x + length(0.085)
        let wide = max(1, place.maxX - length(0.022) - left)
        let name = DisplayText.clean(message.sender)
        text(
            name.isEmpty ? words(.guest) : name,
            in: SceneRectangle(x: left, y: place.y + length(0.01), width: wide, height: length(0.045)),
            size: TypeSize.small, weight: .semibold, alignment: .left, colour: .accent)
        text(
            DisplayText.clean(message.text),
            in: SceneRectangle(
                x: left, y: place.y + length(0.053), width: wide, height: max(1, place.height - length(0.061))),
            size: 0.034, alignment: .left, lines: lines)
        place.y = place.maxY + gap
    }

    private mutating func toastCard(_ place: SceneRectangle) {
        shape(.roundedRectangle(radius: length(0.018)), place, .raised)
        shape(.outline(radius: length(0.018), width: max(1, length(0.002))), place, .line)
    }
}
