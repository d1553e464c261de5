internal import Room

/// The way into a room: what is going on at the left, our own picture at the right.
extension SceneBuilder {
    /// Where words go, in units: beside our picture, or wide without it.
    private var wordsRight: Double { showsOwnPicture ? 0.86 : 1.738 }

    private var showsOwnPicture: Bool {
        state.cameraOn && state.selfViewVisible && !state.missingDevices.contains(.camera)
    }

    /// Asking the focus and entering the room are one line on the screen.
    private static let shownSteps: [JoinStep] = [.configuration, .signalling, .room, .media]

    mutating func joining(step reached: JoinStep, canCancel: Bool) {
        let step = reached == .focus ? .room : reached
        header(DisplayText.clean(state.deviceName))
        text(
            words(.joiningTitle), in: column(0.04, wordsRight, y: 0.18, height: 0.06), size: TypeSize.heading,
            alignment: .left, colour: .secondaryText)
        text(
            roomTitle, in: column(0.04, wordsRight, y: 0.24, height: 0.15), size: TypeSize.title, weight: .semibold,
            alignment: .left, lines: 2, vertical: .top)
        let side = length(0.052)
        for (index, each) in Self.shownSteps.enumerated() {
            let row = column(0.04, wordsRight, y: 0.43 + 0.092 * Double(index), height: 0.092)
            let disc = SceneRectangle(x: row.x, y: row.y + (row.height - side) / 2, width: side, height: side)
            if each < step {
                mark(.tick, disc, disc: .positive, ink: .darkText)
            } else if each == step {
                shape(.outline(radius: side / 2, width: max(1, side / 9)), disc, .accent)
                shape(.circle, Self.square(side * 2 / 5, in: disc), .accent)
            } else {
                shape(.outline(radius: side / 2, width: max(1, side / 14)), disc, .line)
            }
            let start = disc.maxX + length(0.03)
            text(
                words(Strings.message(for: each)),
                in: SceneRectangle(x: start, y: row.y, width: max(1, row.maxX - start), height: row.height),
                size: 0.04, weight: each == step ? .semibold : .regular, alignment: .left,
                colour: each <= step ? .text : .secondaryText)
        }
        ownPicture()
        if canCancel { hint(.hangUpToCancel) }
    }

    /// Waiting for somebody on the other side.
    mutating func waiting(icon drawing: SceneIcon, title: Message, sentence: Message) {
        header(roomTitle)
        if showsOwnPicture {
            let disc = column(0.04, 0.18, y: 0.22, height: 0.14)
            mark(drawing, Self.square(length(0.14), in: disc), disc: .surface, ink: .accent)
            text(
                words(title), in: column(0.04, wordsRight, y: 0.385, height: 0.165), size: TypeSize.title,
                weight: .semibold, alignment: .left, lines: 2, vertical: .bottom)
            text(
                words(sentence), in: column(0.04, wordsRight, y: 0.57, height: 0.13), size: TypeSize.heading,
                alignment: .left, colour: .secondaryText, lines: 2, vertical: .top)
            ownPicture()
        } else {
            message(icon: drawing, colour: .accent, title: words(title), sentence: words(sentence))
        }
        hint(.hangUpToCancel)
    }

    /// Our picture, large and mirrored, before others see it.
    private mutating func ownPicture() {
        guard showsOwnPicture else {
            if state.missingDevices.contains(.camera) { notice(.noCamera, y: 0.8) }
            return
        }
        let place = column(0.94, 1.738, y: 0.24, height: 0.45)
        let high = place.width * 9 / 16
        let picture = SceneRectangle(
            x: place.x, y: place.y + (place.height - high) / 2, width: place.width & ~1, height: max(2, high & ~1))
        layout.videos.append(
            VideoLayer(
                source: .selfView, rectangle: picture, fit: .fill, mirrored: true, cornerRadius: length(0.02),
                backdrop: .surface))
        text(
            words(.checkPicture),
            in: SceneRectangle(
                x: picture.x, y: picture.maxY + length(0.015), width: picture.width, height: length(0.055)),
            size: TypeSize.body, colour: .secondaryText)
        if state.microphoneMuted {
            text(
                words(.microphoneMuted),
                in: SceneRectangle(
                    x: picture.x, y: picture.maxY + length(0.075), width: picture.width, height: length(0.065)),
                size: TypeSize.body, weight: .semibold,
                plate: TextLayer.Plate(colour: .danger, icon: .mutedMicrophone, roundness: 0.5))
        }
    }

    /// A line on a plate with a warning, for what is not plugged in.
    private mutating func notice(_ message: Message, y top: Double) {
        text(
            words(message), in: column(0.04, 1.738, y: top, height: 0.065), size: TypeSize.body, weight: .semibold,
            alignment: .left, colour: .darkText,
            plate: TextLayer.Plate(colour: .warning, icon: .warning, roundness: 0.5))
    }
}
