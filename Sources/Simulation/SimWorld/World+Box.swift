internal import Basis
internal import Conference
internal import Devices
internal import RoomController

/// The box: what carries out the outputs of its controller.
extension World {
    func carryOut(_ output: ControllerOutput) {
        switch output {
        case .network(let request, let number):
            // The check of the connection goes on in an idle room, too.
            switch request {
            case .lookUp, .greet, .fetchCalendar: break
            default: traffic.outputs += 1
            }
            carryOut(request, of: number)
        case .media(let command): carryOut(command)
        case .control(let command): observed.controls.append(command)
        case .scene(let content): observed.scene = content.scene
        case .status(let status): observed.status = status
        case .trace(.phase(let phase)): record(.phase(phase))
        case .trace(.event(let event)):
            traffic.outputs += 1
            note(event)
        case .displayPower(let isOn): observed.isDisplayOn = isOn
        case .remember(let name, let value): observed.remembered[name] = value
        // A world without lamps of its own, without a journal on disk, and whose box nobody starts anew.
        case .displayHotplug, .lamps, .journal, .pressed, .restart: break
        }
    }

    private func carryOut(_ command: MediaCommand) {
        switch command {
        case .setSending(let isSending): if isSending { devices.start(at: now, options) } else { devices.stop() }
        case .stopAudio:
            devices.stop()
            observed.pictures = [:]
            observed.heard = [:]
        case .requestKeyframe(let layer): devices.requestKeyframe(layer: layer)
        case .limitCamera(let limits): devices.choose(limits)
        case .decode(let ssrc, let codec, let bytes, let isKeyframe, _):
            see(ssrc, codec, isKeyframe: isKeyframe)
            controller.reuse(bytes, of: ssrc)
        case .removeSound(let ssrc): observed.heard[ssrc] = nil
        case .play(let sound): record(.sound(sound))
        case .sample: controller.mediaSampled(MediaSnapshot(), at: now)
        // The devices do not know what is muted: what leaves is the conference's to decide.
        case .startAudio, .setMuted, .setCamera, .choosePreset, .addPicture, .removePicture, .setSpeakerVolume,
            .setSoundVolume, .setDiscontinuous, .noteUplink:
            break
        }
    }

    private func see(_ ssrc: UInt32, _ codec: VideoCodec, isKeyframe: Bool) {
        if observed.pictures[ssrc] == nil, isKeyframe { record(.firstPicture(ssrc: ssrc)) }
        observed.pictures[ssrc, default: WorldPictures()].frames += 1
        if isKeyframe { observed.pictures[ssrc]?.keyframes += 1 }
        observed.pictures[ssrc]?.last = now
        observed.pictures[ssrc]?.codec = codec
    }

    private func note(_ event: ConferenceEvent) {
        switch event {
        case .fact(let fact): record(.fact(fact))
        case .milestone(let milestone): record(.milestone(milestone))
        case .diagnostic(let diagnostic): record(.diagnostic(diagnostic))
        case .chat(let name, let text): record(.chat(name: name, text: text))
        case .meetingFacts(let facts): record(.facts(facts))
        case .notice(let notice): record(.notice(notice))
        case .caption(let caption): record(.caption(caption))
        case .farewell(let by, let reason): record(.farewell(by: by, reason: reason))
        case .bandwidth(let bitsPerSecond): observed.bandwidth = bitsPerSecond
        default: break
        }
    }

    // MARK: Microphone and camera

    func runDevices() {
        if let timestamp = devices.takeSound(at: now) {
            let packet = BoxDevices.sound
            controller.sendAudio(packet.span, timestamp: timestamp, level: 30, marker: false, at: now)
        }
        if let (timestamp, pictures) = devices.takePicture(at: now) {
            for picture in pictures {
                let frame = devices.bytes(of: picture)
                controller.sendVideo(
                    frame.span, codec: devices.codec, layer: picture.layer, timestamp: timestamp,
                    isKeyframe: picture.isKeyframe, at: now)
            }
        }
        drain()
    }
}
