#ifndef VS_CGPIOD_SHIM_H
#define VS_CGPIOD_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One face for libgpiod 1.6 and 2: one request per line, each with a descriptor to wait for. Every function that gives an
// int gives -errno where it fails; those that give a pointer give NULL and set errno.

struct vs_gpiod_event {
    /// CLOCK_MONOTONIC.
    int64_t nanoseconds;
    /// 1 for the edge to active, 0 for the edge to inactive; polarity is counted in.
    int32_t becomes_active;
};

enum vs_gpiod_bias { vs_gpiod_bias_as_is, vs_gpiod_bias_none, vs_gpiod_bias_pull_up, vs_gpiod_bias_pull_down };

static inline int vs_gpiod_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return 0;
}

static inline void vs_gpiod_copy(char *text, size_t capacity, const char *source) {
    if (capacity == 0) return;
    strncpy(text, source ? source : "", capacity - 1);
    text[capacity - 1] = 0;
}

#ifdef GPIOD_LINE_BULK_MAX_LINES // libgpiod 1: only it declares bulks of lines

struct vs_gpiod_line {
    struct gpiod_chip *chip;
    struct gpiod_line *line;
    int descriptor;
};

/// Whether the kernel debounces what is requested with a debounce time.
static inline int vs_gpiod_debounces(void) {
    return 0;
}

static inline int vs_gpiod_label(const char *path, char *text, size_t capacity) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -errno;
    vs_gpiod_copy(text, capacity, gpiod_chip_label(chip));
    gpiod_chip_close(chip);
    return 0;
}

/// The offset of the line called `name`.
static inline int vs_gpiod_find(const char *path, const char *name) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -errno;
    errno = ENOENT;
    struct gpiod_line *line = gpiod_chip_find_line(chip, name);
    int offset = line ? (int)gpiod_line_offset(line) : -errno;
    gpiod_chip_close(chip);
    return offset;
}

static inline void vs_gpiod_release(struct vs_gpiod_line *line) {
    gpiod_line_release(line->line);
    gpiod_chip_close(line->chip);
    free(line);
}

static inline struct vs_gpiod_line *vs_gpiod_request(
    const char *path, unsigned int offset, int type, int flags, const char *consumer) {
    struct vs_gpiod_line *result = calloc(1, sizeof *result);
    if (!result) return NULL;
    struct gpiod_line_request_config config = {.consumer = consumer, .request_type = type, .flags = flags};
    result->descriptor = -1;
    result->chip = gpiod_chip_open(path);
    if (!result->chip) {
        free(result);
        return NULL;
    }
    result->line = gpiod_chip_get_line(result->chip, offset);
    if (!result->line || gpiod_line_request(result->line, &config, 0) < 0) {
        int error = errno;
        gpiod_chip_close(result->chip);
        free(result);
        errno = error;
        return NULL;
    }
    return result;
}

static inline struct vs_gpiod_line *vs_gpiod_request_input(
    const char *path, unsigned int offset, int active_low, enum vs_gpiod_bias bias, unsigned long debounce_us,
    const char *consumer) {
    (void)debounce_us;
    int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    switch (bias) {
    case vs_gpiod_bias_none: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE; break;
    case vs_gpiod_bias_pull_up: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP; break;
    case vs_gpiod_bias_pull_down: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN; break;
    default: break;
    }
    struct vs_gpiod_line *line =
        vs_gpiod_request(path, offset, GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES, flags, consumer);
    if (!line) return NULL;
    line->descriptor = gpiod_line_event_get_fd(line->line);
    int failure = line->descriptor < 0 ? -errno : vs_gpiod_nonblocking(line->descriptor);
    if (failure < 0) {
        vs_gpiod_release(line);
        errno = -failure;
        return NULL;
    }
    return line;
}

/// An output, inactive at first.
static inline struct vs_gpiod_line *vs_gpiod_request_output(
    const char *path, unsigned int offset, int active_low, const char *consumer) {
    int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    return vs_gpiod_request(path, offset, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags, consumer);
}

static inline int vs_gpiod_descriptor(struct vs_gpiod_line *line) {
    return line->descriptor;
}

static inline int vs_gpiod_value(struct vs_gpiod_line *line) {
    int value = gpiod_line_get_value(line->line);
    return value < 0 ? -errno : value;
}

static inline int vs_gpiod_set_value(struct vs_gpiod_line *line, int value) {
    return gpiod_line_set_value(line->line, value) < 0 ? -errno : 0;
}

/// 1 for an event read; -EAGAIN when there is none.
static inline int vs_gpiod_read(struct vs_gpiod_line *line, struct vs_gpiod_event *event) {
    struct gpiod_line_event raw;
    if (gpiod_line_event_read(line->line, &raw) < 0) return -errno;
    event->nanoseconds = (int64_t)raw.ts.tv_sec * 1000000000 + raw.ts.tv_nsec;
    event->becomes_active = raw.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
    return 1;
}

#else // libgpiod 2

struct vs_gpiod_line {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *events;
    unsigned int offset;
};

/// Whether the kernel debounces what is requested with a debounce time.
static inline int vs_gpiod_debounces(void) {
    return 1;
}

static inline int vs_gpiod_label(const char *path, char *text, size_t capacity) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -errno;
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    int result = info ? 0 : -errno;
    if (info) {
        vs_gpiod_copy(text, capacity, gpiod_chip_info_get_label(info));
        gpiod_chip_info_free(info);
    }
    gpiod_chip_close(chip);
    return result;
}

/// The offset of the line called `name`.
static inline int vs_gpiod_find(const char *path, const char *name) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -errno;
    int offset = gpiod_chip_get_line_offset_from_name(chip, name);
    if (offset < 0) offset = -errno;
    gpiod_chip_close(chip);
    return offset;
}

static inline void vs_gpiod_release(struct vs_gpiod_line *line) {
    if (line->request) gpiod_line_request_release(line->request);
    if (line->events) gpiod_edge_event_buffer_free(line->events);
    free(line);
}

/// Takes `settings` over.
static inline struct vs_gpiod_line *vs_gpiod_request(
    const char *path, unsigned int offset, struct gpiod_line_settings *settings, const char *consumer) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_config *lines = gpiod_line_config_new();
    struct gpiod_request_config *config = gpiod_request_config_new();
    struct vs_gpiod_line *result = calloc(1, sizeof *result);
    int error = 0;
    if (result) {
        result->offset = offset;
        result->events = gpiod_edge_event_buffer_new(1);
    }
    if (!chip || !lines || !config || !settings || !result || !result->events) {
        error = errno ? errno : ENOMEM;
    } else {
        gpiod_request_config_set_consumer(config, consumer);
        if (gpiod_line_config_add_line_settings(lines, &offset, 1, settings) < 0 ||
            !(result->request = gpiod_chip_request_lines(chip, config, lines))) {
            error = errno;
        } else {
            error = -vs_gpiod_nonblocking(gpiod_line_request_get_fd(result->request));
        }
    }
    if (error && result) {
        vs_gpiod_release(result);
        result = NULL;
    }
    if (config) gpiod_request_config_free(config);
    if (lines) gpiod_line_config_free(lines);
    if (settings) gpiod_line_settings_free(settings);
    // The request has a descriptor of its own.
    if (chip) gpiod_chip_close(chip);
    if (error) errno = error;
    return result;
}

static inline struct vs_gpiod_line *vs_gpiod_request_input(
    const char *path, unsigned int offset, int active_low, enum vs_gpiod_bias bias, unsigned long debounce_us,
    const char *consumer) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    if (!settings) return NULL;
    enum gpiod_line_bias wanted = GPIOD_LINE_BIAS_AS_IS;
    switch (bias) {
    case vs_gpiod_bias_none: wanted = GPIOD_LINE_BIAS_DISABLED; break;
    case vs_gpiod_bias_pull_up: wanted = GPIOD_LINE_BIAS_PULL_UP; break;
    case vs_gpiod_bias_pull_down: wanted = GPIOD_LINE_BIAS_PULL_DOWN; break;
    default: break;
    }
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    gpiod_line_settings_set_bias(settings, wanted);
    gpiod_line_settings_set_active_low(settings, active_low != 0);
    gpiod_line_settings_set_debounce_period_us(settings, debounce_us);
    return vs_gpiod_request(path, offset, settings, consumer);
}

/// An output, inactive at first.
static inline struct vs_gpiod_line *vs_gpiod_request_output(
    const char *path, unsigned int offset, int active_low, const char *consumer) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    if (!settings) return NULL;
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
    gpiod_line_settings_set_active_low(settings, active_low != 0);
    gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
    return vs_gpiod_request(path, offset, settings, consumer);
}

static inline int vs_gpiod_descriptor(struct vs_gpiod_line *line) {
    return gpiod_line_request_get_fd(line->request);
}

static inline int vs_gpiod_value(struct vs_gpiod_line *line) {
    enum gpiod_line_value value = gpiod_line_request_get_value(line->request, line->offset);
    return value == GPIOD_LINE_VALUE_ERROR ? -errno : value == GPIOD_LINE_VALUE_ACTIVE;
}

static inline int vs_gpiod_set_value(struct vs_gpiod_line *line, int value) {
    enum gpiod_line_value wanted = value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    return gpiod_line_request_set_value(line->request, line->offset, wanted) < 0 ? -errno : 0;
}

/// 1 for an event read; -EAGAIN when there is none.
static inline int vs_gpiod_read(struct vs_gpiod_line *line, struct vs_gpiod_event *event) {
    int count = gpiod_line_request_read_edge_events(line->request, line->events, 1);
    if (count < 0) return -errno;
    if (count == 0) return -EAGAIN;
    struct gpiod_edge_event *raw = gpiod_edge_event_buffer_get_event(line->events, 0);
    if (!raw) return -EIO;
    event->nanoseconds = (int64_t)gpiod_edge_event_get_timestamp_ns(raw);
    event->becomes_active = gpiod_edge_event_get_event_type(raw) == GPIOD_EDGE_EVENT_RISING_EDGE;
    return 1;
}

#endif

#endif
