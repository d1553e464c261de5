internal import Basis
internal import ICalendar
internal import Jitsi
internal import LinuxHost
internal import NIOCore
internal import NIOPosix
internal import NetworkIO
internal import Room
internal import RoomController

/// Where the room's calendar is, and how it is read.
struct CalendarSource {
    /// 4 MiB: many years of meetings.
    private static let maximumSize = 4 << 20
    private static let timeout = TimeAmount.seconds(30)

    let settings: CalendarSettings
    /// The addresses of the configured meetings.
    let rooms: [RoomURL]

    /// - Parameter completion: called on the network's loop.
    func fetch(
        over network: NetworkContext, completion: @escaping @Sendable (Result<Agenda, CalendarTrouble>) -> Void
    ) {
        var headers = [HTTPField("Accept", "text/calendar")]
        if let account = settings.account {
            let credentials = "\(account.user):\(account.password.revealed)"
            headers.append(HTTPField("Authorization", "Basic " + Base64.encode(Array(credentials.utf8))))
        }
        let reader = reader
        let loop = network.eventLoop
        network.request(
            url: settings.url.revealed, headers: headers, timeout: Self.timeout, maximumBody: Self.maximumSize
        ) { result in
            switch result {
            case .success(let response) where response.isSuccess:
                // A large text takes a while: not on the loop that decides.
                let body = response.body
                let instant = WallClock().millisecondsSince1970 / 1_000
                NIOThreadPool.singleton.runIfActive(eventLoop: loop) { reader.read(body, now: instant) }
                    .whenComplete { result in
                        let agenda = try? result.get()
                        completion(agenda.map { .success($0) } ?? .failure(.notACalendar))
                    }
            case .success(let response): completion(.failure(.refused(status: response.status)))
            case .failure(let error): completion(.failure(.unreachable("\(error)")))
            }
        }
    }

    private var reader: AgendaReader {
        let rooms = rooms
        let zones = TimeZoneDatabase()
        return AgendaReader(
            zone: CalendarZone { WallClock.civil($0)?.offset ?? 0 },
            namedZone: { zones.file($0).flatMap { CalendarZone(file: $0) } },
            room: { address in
                guard let url = try? RoomURL(address) else { return nil }
                return rooms.firstIndex { $0.isSameRoom(as: url) }
            })
    }
}
