internal import Basis
internal import Jitsi
internal import LinuxHost
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NetworkIO
internal import Room
internal import Scene

/// The calendar of the room: fetched now and then while nothing else goes on; the idle screen speaks of the next meeting.
extension CallActor {
    /// 4 MiB: many years of meetings.
    private static var longestCalendar: Int { 4 << 20 }

    /// Lets the calendar's machine do what is due, and arms its timer.
    func lookAtCalendar() {
        guard calendar != nil else { return }
        var isIdle = false
        if case .idle = room.phase { isIdle = true }
        calendar?.update(isIdle: isIdle, clock: secondsSince1970, at: clock.now)
        if let number = calendar?.pollRequest() { fetchCalendar(number) }
        while let diagnostic = calendar?.pollDiagnostic() {
            log.log(
                level: Logger.Level(diagnostic.level), "\(diagnostic.code)",
                metadata: ["detail": "\(diagnostic.detail)"])
        }
        calendarTimer?.arm(calendar?.deadline)
    }

    /// Nil while the clock of the box is not to be believed.
    private var secondsSince1970: Int64? {
        wallClock.isPlausible ? wallClock.millisecondsSince1970 / 1_000 : nil
    }

    private func fetchCalendar(_ number: Int) {
        guard let source = settings.calendar else { return }
        var headers = [HTTPField("Accept", "text/calendar")]
        if let account = source.account {
            let credentials = "\(account.user):\(account.password.revealed)"
            headers.append(HTTPField("Authorization", "Basic " + Base64.encode(Array(credentials.utf8))))
        }
        let reader = agendaReader
        let loop = eventLoop
        network.request(
            url: source.url.revealed, headers: headers, timeout: .seconds(30), maximumBody: Self.longestCalendar
        ) { [weak self] result in
            switch result {
            case .success(let response) where response.isSuccess:
                // A large text takes a while: not on the loop that decides.
                let body = response.body
                let instant = WallClock().millisecondsSince1970 / 1_000
                NIOThreadPool.singleton.runIfActive(eventLoop: loop) { reader.read(body, now: instant) }
                    .whenComplete { [weak self] result in
                        let agenda = try? result.get()
                        self?.assumeIsolated {
                            $0.receiveCalendar(number, agenda.map { .success($0) } ?? .failure(.notACalendar))
                        }
                    }
            case .success(let response):
                self?.assumeIsolated { $0.receiveCalendar(number, .failure(.refused(status: response.status))) }
            case .failure(let error):
                self?.assumeIsolated { $0.receiveCalendar(number, .failure(.unreachable("\(error)"))) }
            }
        }
    }

    private func receiveCalendar(_ number: Int, _ result: Result<Agenda, CalendarTrouble>) {
        calendar?.received(number, result, at: clock.now)
        refresh()
    }

    private var agendaReader: AgendaReader {
        let rooms = settings.meetings.map(\.url)
        let zones = TimeZoneDatabase()
        return AgendaReader(
            zone: CalendarZone { WallClock.civil($0)?.offset ?? 0 },
            namedZone: { zones.file($0).flatMap { CalendarZone(file: $0) } },
            room: { address in
                guard let url = try? RoomURL(address) else { return nil }
                return rooms.firstIndex { $0.isSameRoom(as: url) }
            })
    }

    // MARK: What is shown

    private var scheduledMeeting: ScheduledMeeting? { secondsSince1970.flatMap { calendar?.next(at: $0) } }

    /// What the idle screen says of the next meeting.
    var nextMeeting: NextMeeting? {
        guard let now = secondsSince1970, let meeting = scheduledMeeting, let today = WallClock.civil(now),
            let start = WallClock.civil(meeting.start), let end = WallClock.civil(meeting.end)
        else { return nil }
        return NextMeeting(
            title: meeting.isPrivate ? "" : RemoteText.subject(meeting.title),
            start: CivilTime(hour: start.hour, minute: start.minute),
            end: meeting.end > meeting.start ? CivilTime(hour: end.hour, minute: end.minute) : nil,
            isTomorrow: meeting.start > now && start.day != today.day, isRunning: meeting.start <= now,
            isAllDay: meeting.isAllDay, isPrivate: meeting.isPrivate,
            room: meeting.room.flatMap { settings.meetings.indices.contains($0) ? settings.meetings[$0].label : nil })
    }

    /// The same for the interface: instants in seconds since 1970 UTC.
    var nextMeetingJSON: JSONValue {
        guard let meeting = scheduledMeeting else { return nil }
        return [
            "title": meeting.isPrivate ? nil : .string(RemoteText.subject(meeting.title)),
            "start": .number(Double(meeting.start)), "end": .number(Double(meeting.end)),
            "all_day": .bool(meeting.isAllDay), "button": meeting.room.map { .string("join-\($0 + 1)") } ?? nil,
        ]
    }
}

extension RoomURL {
    /// Whether both lead to the same room of the same server, whatever their tokens.
    func isSameRoom(as other: RoomURL) -> Bool {
        func port(_ url: RoomURL) -> UInt16 { url.port ?? (url.scheme == "https" ? 443 : 80) }
        return host == other.host && port(self) == port(other) && subdomain == other.subdomain
            && normalizedRoom == other.normalizedRoom
    }
}
