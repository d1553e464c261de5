/* Workaround (docs/workarounds.md): stands in for ICU, from which libical takes a calendar for RSCALE (RFC 7529) and, built with it, uses that one for every rule.
   ICU is 36 MB of libraries of which a Gregorian calendar is wanted; this is one, proleptic, with the semantics of ICU's fields:
   they are set one by one, may be out of range, and are brought in order when one is read. Other calendars do not exist here.
   Months are counted from 0. */

#include <stdint.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

typedef struct {
    int64_t year, month, day, day_of_year;
    int64_t hour, minute, second;
    /* The day was set by its number in the year last. */
    int is_by_day_of_year;
    /* All fields agree. */
    int is_in_order;
    int first_weekday, minimal_days;
} gregorian;

static int64_t floor_quotient(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t floor_remainder(int64_t a, int64_t b) {
    return a - floor_quotient(a, b) * b;
}

static int is_leap(int64_t year) {
    return floor_remainder(year, 4) == 0 && (floor_remainder(year, 100) != 0 || floor_remainder(year, 400) == 0);
}

static int64_t days_in_year(int64_t year) {
    return is_leap(year) ? 366 : 365;
}

static int64_t days_in_month(int64_t month, int64_t year) {
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month] + (month == 1 && is_leap(year));
}

/* Days from 1970-01-01 to the first of a month, whose number may be out of range. */
static int64_t days_before(int64_t year, int64_t month) {
    year += floor_quotient(month, 12);
    month = floor_remainder(month, 12);
    int64_t before = year - 1;
    int64_t days = before * 365 + floor_quotient(before, 4) - floor_quotient(before, 100) + floor_quotient(before, 400);
    for (int64_t m = 0; m < month; m++) days += days_in_month(m, year);
    return days - 719162;
}

static int64_t day_number(const gregorian *c) {
    return c->is_by_day_of_year ? days_before(c->year, 0) + c->day_of_year - 1
                                : days_before(c->year, c->month) + c->day - 1;
}

static int64_t seconds_of(const gregorian *c) {
    return day_number(c) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
}

static void set_seconds(gregorian *c, int64_t seconds) {
    int64_t days = floor_quotient(seconds, 86400), rest = floor_remainder(seconds, 86400);
    int64_t year = floor_quotient(days * 400, 146097) + 1970;
    while (days_before(year, 0) > days) year--;
    while (days_before(year + 1, 0) <= days) year++;
    int64_t in_year = days - days_before(year, 0), month = 0;
    c->year = year;
    c->day_of_year = in_year + 1;
    while (in_year >= days_in_month(month, year)) in_year -= days_in_month(month++, year);
    c->month = month;
    c->day = in_year + 1;
    c->hour = rest / 3600;
    c->minute = rest / 60 % 60;
    c->second = rest % 60;
    c->is_by_day_of_year = 0;
    c->is_in_order = 1;
}

static void put_in_order(gregorian *c) {
    if (!c->is_in_order) set_seconds(c, seconds_of(c));
}

/* 1 for Sunday to 7 for Saturday. */
static int64_t weekday(const gregorian *c) {
    return floor_remainder(day_number(c) + 4, 7) + 1;
}

/* The week that a day of a year is in, where the year may be longer than its days say: 0 is the last of the year before. */
static int64_t week_of_year(const gregorian *c) {
    /* The weekday of the first of January, counted from the first day of the week. */
    int64_t relative = floor_remainder(weekday(c) - c->first_weekday, 7);
    int64_t first = floor_remainder(relative - (c->day_of_year - 1), 7);
    int64_t week = (c->day_of_year - 1 + first) / 7;
    if (7 - first >= c->minimal_days) week++;
    if (week == 0) {
        int64_t last = c->day_of_year + days_in_year(c->year - 1);
        int64_t before = floor_remainder(relative - (last - 1), 7);
        week = (last - 1 + before) / 7 + (7 - before >= c->minimal_days);
    } else if (c->day_of_year >= days_in_year(c->year) - 5) {
        int64_t to_end = floor_remainder(relative + days_in_year(c->year) - c->day_of_year, 7);
        if (6 - to_end >= c->minimal_days && c->day_of_year + 7 - relative > days_in_year(c->year)) week = 1;
    }
    return week;
}

UCalendar *ucal_open(const UChar *zone, int32_t length, const char *locale, UCalendarType type, UErrorCode *status) {
    gregorian *c = calloc(1, sizeof *c);
    if (!c) {
        *status = U_MEMORY_ALLOCATION_ERROR;
        return NULL;
    }
    c->year = 1970;
    c->day = c->day_of_year = c->first_weekday = c->minimal_days = 1;
    return (UCalendar *)c;
}

void ucal_close(UCalendar *calendar) {
    free(calendar);
}

void ucal_setAttribute(UCalendar *calendar, UCalendarAttribute attribute, int32_t value) {
    gregorian *c = (gregorian *)calendar;
    if (attribute == UCAL_FIRST_DAY_OF_WEEK) c->first_weekday = value;
    if (attribute == UCAL_MINIMAL_DAYS_IN_FIRST_WEEK) c->minimal_days = value;
}

void ucal_set(UCalendar *calendar, UCalendarDateFields field, int32_t value) {
    gregorian *c = (gregorian *)calendar;
    c->is_in_order = 0;
    switch (field) {
    case UCAL_YEAR: c->year = value; break;
    case UCAL_MONTH: c->month = value; break;
    case UCAL_DATE:
        c->day = value;
        c->is_by_day_of_year = 0;
        break;
    case UCAL_DAY_OF_YEAR:
        c->day_of_year = value;
        c->is_by_day_of_year = 1;
        break;
    case UCAL_HOUR_OF_DAY: c->hour = value; break;
    case UCAL_MINUTE: c->minute = value; break;
    case UCAL_SECOND: c->second = value; break;
    default: break;
    }
}

void ucal_setDate(UCalendar *calendar, int32_t year, int32_t month, int32_t day, UErrorCode *status) {
    ucal_set(calendar, UCAL_YEAR, year);
    ucal_set(calendar, UCAL_MONTH, month);
    ucal_set(calendar, UCAL_DATE, day);
}

void ucal_setDateTime(
    UCalendar *calendar, int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, int32_t second,
    UErrorCode *status) {
    ucal_setDate(calendar, year, month, day, status);
    ucal_set(calendar, UCAL_HOUR_OF_DAY, hour);
    ucal_set(calendar, UCAL_MINUTE, minute);
    ucal_set(calendar, UCAL_SECOND, second);
}

int32_t ucal_get(const UCalendar *calendar, UCalendarDateFields field, UErrorCode *status) {
    gregorian *c = (gregorian *)calendar;
    put_in_order(c);
    switch (field) {
    case UCAL_YEAR: return (int32_t)c->year;
    case UCAL_MONTH: return (int32_t)c->month;
    case UCAL_DATE: return (int32_t)c->day;
    case UCAL_DAY_OF_YEAR: return (int32_t)c->day_of_year;
    case UCAL_DAY_OF_WEEK: return (int32_t)weekday(c);
    case UCAL_WEEK_OF_YEAR: return (int32_t)week_of_year(c);
    case UCAL_HOUR_OF_DAY: return (int32_t)c->hour;
    case UCAL_MINUTE: return (int32_t)c->minute;
    case UCAL_SECOND: return (int32_t)c->second;
    default: return 0; /* no month is a leap month */
    }
}

/* Days stay within the month where months or years are added. */
void ucal_add(UCalendar *calendar, UCalendarDateFields field, int32_t amount, UErrorCode *status) {
    gregorian *c = (gregorian *)calendar;
    put_in_order(c);
    c->is_in_order = 0;
    switch (field) {
    case UCAL_YEAR:
    case UCAL_MONTH: {
        int64_t month = c->month + (field == UCAL_MONTH ? amount : 12 * (int64_t)amount);
        c->year += floor_quotient(month, 12);
        c->month = floor_remainder(month, 12);
        int64_t length = days_in_month(c->month, c->year);
        if (c->day > length) c->day = length;
        break;
    }
    case UCAL_DATE: c->day += amount; break;
    case UCAL_HOUR_OF_DAY: c->hour += amount; break;
    case UCAL_MINUTE: c->minute += amount; break;
    case UCAL_SECOND: c->second += amount; break;
    default: *status = U_ILLEGAL_ARGUMENT_ERROR; return;
    }
    put_in_order(c);
}

int32_t ucal_getLimit(
    const UCalendar *calendar, UCalendarDateFields field, UCalendarLimitType type, UErrorCode *status) {
    /* What was set and not yet read stays so. */
    gregorian c = *(const gregorian *)calendar;
    int is_actual = type == UCAL_ACTUAL_MAXIMUM;
    switch (field) {
    case UCAL_MONTH: return 11;
    case UCAL_DATE:
        if (!is_actual) return 31;
        c.day = 1;
        c.is_by_day_of_year = c.is_in_order = 0;
        put_in_order(&c);
        return (int32_t)days_in_month(c.month, c.year);
    case UCAL_DAY_OF_YEAR:
        if (!is_actual) return 366;
        put_in_order(&c);
        return (int32_t)days_in_year(c.year);
    case UCAL_WEEK_OF_YEAR: return 53;
    default: *status = U_ILLEGAL_ARGUMENT_ERROR; return 0;
    }
}

UDate ucal_getMillis(const UCalendar *calendar, UErrorCode *status) {
    put_in_order((gregorian *)calendar);
    return (UDate)seconds_of((const gregorian *)calendar) * 1000;
}

void ucal_setMillis(UCalendar *calendar, UDate milliseconds, UErrorCode *status) {
    set_seconds((gregorian *)calendar, (int64_t)(milliseconds / 1000));
}

UEnumeration *ucal_getKeywordValuesForLocale(const char *key, const char *locale, UBool common, UErrorCode *status) {
    return NULL;
}

const char *uenum_next(UEnumeration *list, int32_t *length, UErrorCode *status) {
    return NULL;
}

void uenum_close(UEnumeration *list) {}

int32_t uloc_setKeywordValue(
    const char *name, const char *value, char *buffer, int32_t capacity, UErrorCode *status) {
    return 0;
}

/* The name of a zone, of which there are none here. */
UChar *u_strFromUTF8Lenient(
    UChar *target, int32_t capacity, int32_t *length, const char *source, int32_t source_length, UErrorCode *status) {
    if (capacity > 0) target[0] = 0;
    if (length) *length = 0;
    return target;
}
