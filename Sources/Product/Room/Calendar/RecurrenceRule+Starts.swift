/// The days of a rule.
extension RecurrenceRule {
    /// When the instances of a series begin that fall into `window`, in order. The series begins with `first` itself, be it
    /// a day of the rule or not.
    ///
    /// - Parameters:
    ///   - until: the end of the rule by the clocks of the series.
    ///   - budget: periods that may still be looked at; below 0 when they did not suffice.
    func starts(
        of first: LocalTime, in window: ClosedRange<LocalTime>, until: LocalTime?, budget: inout Int
    ) -> [LocalTime] {
        var found: [LocalTime] = []
        if window.contains(first) { found.append(first) }
        var left = (count ?? .max) - 1
        // Only who counts has to begin at the beginning.
        var period = count == nil ? max(0, self.period(of: window.lowerBound.day, from: first.day) - 1) : 0
        let end = min(window.upperBound, until ?? window.upperBound)
        while left > 0, begin(ofPeriod: period, from: first.day) <= end.day {
            budget -= 1
            guard budget >= 0 else { return [] }
            for day in days(ofPeriod: period, from: first.day) {
                let start = LocalTime(day, secondOfDay: first.secondOfDay)
                guard start > first else { continue }
                guard start <= end, left > 0 else { return found }
                left -= 1
                if start >= window.lowerBound { found.append(start) }
            }
            period += 1
        }
        return found
    }

    // MARK: Periods

    private static func monthNumber(_ day: CivilDay) -> Int {
        let parts = day.parts
        return parts.year * 12 + parts.month - 1
    }

    private func week(of day: CivilDay) -> CivilDay {
        CivilDay(number: day.number - CivilDay.remainder(day.weekday - weekStart, 7))
    }

    /// In which period of the series `day` is; the first is 0, and days before are in it as well.
    private func period(of day: CivilDay, from first: CivilDay) -> Int {
        guard day > first else { return 0 }
        return switch frequency {
        case .daily: (day.number - first.number) / interval
        case .weekly: (day.number - week(of: first).number) / 7 / interval
        case .monthly: (Self.monthNumber(day) - Self.monthNumber(first)) / interval
        case .yearly: (day.parts.year - first.parts.year) / interval
        }
    }

    private func begin(ofPeriod period: Int, from first: CivilDay) -> CivilDay {
        let step = period &* interval
        switch frequency {
        case .daily: return first + step
        case .weekly: return week(of: first) + 7 &* step
        case .monthly:
            let month = Self.monthNumber(first) &+ step
            return CivilDay.first(ofMonth: month % 12 + 1, year: month / 12)
        case .yearly: return CivilDay.first(ofMonth: 1, year: first.parts.year &+ step)
        }
    }

    private func days(ofPeriod period: Int, from first: CivilDay) -> [CivilDay] {
        let begin = begin(ofPeriod: period, from: first)
        var days: [CivilDay]
        switch frequency {
        case .daily:
            let (year, month, _) = begin.parts
            days = isDay(begin, year: year, month: month) ? [begin] : []
        case .weekly:
            let wanted = weekdays.isEmpty ? [first.weekday] : weekdays.map(\.day)
            days = (0..<7).map { begin + $0 }.filter { wanted.contains($0.weekday) }
        case .monthly:
            let (year, month, _) = begin.parts
            days = self.days(ofMonth: month, year: year, from: first)
        case .yearly: days = self.days(ofYear: begin.parts.year, from: first)
        }
        if !months.isEmpty { days.removeAll { !months.contains($0.parts.month) } }
        guard !positions.isEmpty else { return days }
        let kept = Set(positions.map { $0 > 0 ? $0 - 1 : days.count + $0 })
        return days.indices.filter(kept.contains).map { days[$0] }
    }

    private func days(ofYear year: Int, from first: CivilDay) -> [CivilDay] {
        if !months.isEmpty || !monthDays.isEmpty {
            let wanted = months.isEmpty ? Array(1...12) : Set(months).sorted()
            return wanted.flatMap { days(ofMonth: $0, year: year, from: first) }
        }
        let newYear = CivilDay.first(ofMonth: 1, year: year)
        let length = CivilDay.isLeap(year) ? 366 : 365
        if !weekdays.isEmpty { return (0..<length).map { newYear + $0 }.filter { isWanted($0, newYear, length) } }
        let (_, month, day) = first.parts
        return [CivilDay(year: year, month: month, day: day)].compactMap { $0 }
    }

    private func days(ofMonth month: Int, year: Int, from first: CivilDay) -> [CivilDay] {
        let length = CivilDay.length(ofMonth: month, year: year)
        let begin = CivilDay.first(ofMonth: month, year: year)
        if monthDays.isEmpty, weekdays.isEmpty {
            return [CivilDay(year: year, month: month, day: first.parts.day)].compactMap { $0 }
        }
        return (0..<length).map { begin + $0 }.filter { isDay($0, year: year, month: month) }
    }

    /// Whether a day of a month is wanted by its number and by its name.
    private func isDay(_ day: CivilDay, year: Int, month: Int) -> Bool {
        let length = CivilDay.length(ofMonth: month, year: year)
        let begin = CivilDay.first(ofMonth: month, year: year)
        if !monthDays.isEmpty {
            let number = day.number - begin.number + 1
            guard monthDays.contains(number) || monthDays.contains(number - length - 1) else { return false }
        }
        return weekdays.isEmpty || isWanted(day, begin, length)
    }

    /// Whether a day of the month or year that begins at `begin` is wanted by its name.
    private func isWanted(_ day: CivilDay, _ begin: CivilDay, _ length: Int) -> Bool {
        let index = day.number - begin.number
        return weekdays.contains { wanted in
            guard wanted.day == day.weekday else { return false }
            guard let ordinal = wanted.ordinal else { return true }
            return ordinal > 0 ? index / 7 == ordinal - 1 : (length - 1 - index) / 7 == -ordinal - 1
        }
    }
}
