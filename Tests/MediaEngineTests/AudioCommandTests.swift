import Testing

@testable import MediaEngine

@Suite struct AudioCommandTests {
    @Test func commandsDoNotPileUpWhileTheAudioThreadSleeps() {
        var commands: [AudioExchange.Command] = []
        for round in 0..<1_000 {
            commands.post(.start)
            commands.post(.setSending(true))
            commands.post(.removeSource(UInt32(round)))
            commands.post(.noteUplink(fractionLost: 0, bandwidth: round))
            commands.post(.setSpeakerVolume(round % 100))
            commands.post(.stop)
        }
        #expect(commands == [.setSpeakerVolume(99), .stop])
        for round in 0..<1_000 { commands.post(.removeSource(UInt32(round))) }
        #expect(commands.count == 258)
        #expect(commands.last == .removeSource(999))
    }

    @Test func whatIsNotVoidKeepsItsOrder() {
        var commands: [AudioExchange.Command] = []
        commands.post(.stop)
        commands.post(.start)
        commands.post(.setSending(true))
        commands.post(.removeSource(1))
        commands.post(.setSending(false))
        #expect(commands == [.stop, .start, .removeSource(1), .setSending(false)])
    }
}
