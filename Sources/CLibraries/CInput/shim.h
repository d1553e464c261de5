#ifndef VS_CINPUT_SHIM_H
#define VS_CINPUT_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// The input and hidraw devices of the kernel. Every function gives -errno where it fails.

/// One event of an input device, its time in nanoseconds of the clock that was asked for.
struct vs_input_event {
    int64_t nanoseconds;
    int32_t value;
    uint16_t type;
    uint16_t code;
};

static const uint16_t vs_input_type_key = EV_KEY;
static const uint16_t vs_input_type_synchronisation = EV_SYN;
static const uint16_t vs_input_code_dropped = SYN_DROPPED;

static inline int vs_input_open(const char *path, int writable) {
    int descriptor = open(path, (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

/// Keeps the events from everybody else, the console first of all.
static inline int vs_input_grab(int descriptor) {
    return ioctl(descriptor, EVIOCGRAB, (void *)1) < 0 ? -errno : 0;
}

static inline int vs_input_use_monotonic_clock(int descriptor) {
    int clock = CLOCK_MONOTONIC;
    return ioctl(descriptor, EVIOCSCLOCKID, &clock) < 0 ? -errno : 0;
}

/// A bit for each key code that the device has; gives the number of bytes written.
static inline int vs_input_keys(int descriptor, uint8_t *bits, size_t capacity) {
    int count = ioctl(descriptor, EVIOCGBIT(EV_KEY, capacity), bits);
    return count < 0 ? -errno : count;
}

/// The number of events read; 0 at the end of the file.
static inline int vs_input_read(int descriptor, struct vs_input_event *events, int capacity) {
    struct input_event raw[16];
    if (capacity > 16) capacity = 16;
    ssize_t count = read(descriptor, raw, sizeof raw[0] * (size_t)capacity);
    if (count < 0) return -errno;
    int read_events = (int)((size_t)count / sizeof raw[0]);
    for (int index = 0; index < read_events; index++) {
        events[index].nanoseconds =
            (int64_t)raw[index].input_event_sec * 1000000000 + (int64_t)raw[index].input_event_usec * 1000;
        events[index].type = raw[index].type;
        events[index].code = raw[index].code;
        events[index].value = raw[index].value;
    }
    return read_events;
}

/// The HID report descriptor; gives its length, at most HID_MAX_DESCRIPTOR_SIZE (4096).
static inline int vs_hidraw_report_descriptor(int descriptor, uint8_t *bytes, size_t capacity) {
    struct hidraw_report_descriptor report;
    int size = 0;
    memset(&report, 0, sizeof report);
    if (ioctl(descriptor, HIDIOCGRDESCSIZE, &size) < 0) return -errno;
    if (size < 0 || size > HID_MAX_DESCRIPTOR_SIZE || (size_t)size > capacity) return -EMSGSIZE;
    report.size = (__u32)size;
    if (ioctl(descriptor, HIDIOCGRDESC, &report) < 0) return -errno;
    memcpy(bytes, report.value, (size_t)size);
    return size;
}

/// The device's name in `text`, ended by 0.
static inline int vs_hidraw_name(int descriptor, char *text, size_t capacity) {
    int count = ioctl(descriptor, HIDIOCGRAWNAME(capacity), text);
    if (count < 0) return -errno;
    if (capacity > 0) text[capacity - 1] = 0;
    return count;
}

#endif
