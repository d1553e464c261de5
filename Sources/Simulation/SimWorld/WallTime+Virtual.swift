internal import Room
internal import RoomController

extension WallTime {
    /// The wall clock of a world: UTC, in August 2023 when it begins.
    static let virtual = WallTime(
        ntpOffset: { .seconds(3_900_000_000) }, trust: { .kept }, civil: { CivilMoment(utc: $0) })
}

extension CivilMoment {
    /// - Parameter seconds: since 1970-01-01 UTC, after that.
    fileprivate init(utc seconds: Int64) {
        let days = Int(seconds / 86_400)
        let minutes = Int(seconds % 86_400) / 60
        // Years that begin in March, in cycles of 400 (146,097 days): the leap day comes last.
        let shifted = days + 719_468
        let cycle = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        self.init(
            year: year + cycle * 400 + (month < 10 ? 0 : 1), month: month < 10 ? month + 3 : month - 9,
            day: dayOfYear - (153 * month + 2) / 5 + 1, hour: minutes / 60, minute: minutes % 60)
    }
}
