#pragma once
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

/* libical aborts on bad data unless told otherwise, depending on how it was built. */
static inline void vs_ical_set_up(void) {
    icalerror_set_errors_are_fatal(0);
}

/* What a rule says of its pace and its end; `frequency` is 0 for SECONDLY to 6 for YEARLY. */
typedef struct {
    int frequency;
    int interval;
    int count; /* 0: none */
    int has_until;
    struct icaltimetype until;
} vs_ical_rule;

/* The rule of a RECUR value, without the strings that it may own; 0 where it is none, or of another calendar. */
static inline int vs_ical_parse_rule(const char *text, struct icalrecurrencetype *rule) {
    *rule = icalrecurrencetype_from_string(text);
    int is_rule = rule->freq != ICAL_NO_RECURRENCE;
    if (rule->rscale) {
        is_rule = is_rule && strcmp(rule->rscale, "GREGORIAN") == 0;
        free(rule->rscale);
        rule->rscale = NULL;
    }
    return is_rule;
}

/* 0 where `text` is no rule that libical understands. */
static inline int vs_ical_read_rule(const char *text, vs_ical_rule *read) {
    struct icalrecurrencetype rule;
    if (!vs_ical_parse_rule(text, &rule)) return 0;
    read->frequency = (int)rule.freq;
    read->interval = rule.interval;
    read->count = rule.count;
    read->has_until = !icaltime_is_null_time(rule.until);
    read->until = rule.until;
    return 1;
}

/* An iterator over the instances of a rule that begins at `start`: those from `from` on where that is given, up to
   `until`, which bounds how far libical searches. NULL where there are none. */
static inline icalrecur_iterator *vs_ical_iterate(
    const char *text, struct icaltimetype start, const struct icaltimetype *from, struct icaltimetype until) {
    struct icalrecurrencetype rule;
    if (!vs_ical_parse_rule(text, &rule)) return NULL;
    rule.count = 0;
    rule.until = until;
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, start);
    if (iterator && from) {
        /* It looks at the error of whatever was called before. */
        icalerror_clear_errno();
        if (!icalrecur_iterator_set_start(iterator, *from)) {
            icalrecur_iterator_free(iterator);
            return NULL;
        }
    }
    return iterator;
}
