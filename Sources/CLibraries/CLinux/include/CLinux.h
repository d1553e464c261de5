#pragma once
#include <stdint.h>

/* Names the calling thread as /proc and debuggers show it (15 bytes at most). Returns an errno, 0 for success. */
int vs_linux_name_thread(const char *name);

/* Asks for SCHED_FIFO at `priority` for the calling thread. Returns an errno, 0 for success. */
int vs_linux_real_time_thread(int priority);

/* Sets the nice value of the calling thread alone. Returns an errno, 0 for success. */
int vs_linux_nice_thread(int nice_value);

/* Sleeps until CLOCK_MONOTONIC reaches `nanoseconds`; goes on sleeping after a signal. */
void vs_linux_sleep_until(int64_t nanoseconds);

/* A non-blocking eventfd that programs started later do not inherit; -1 with errno when there is none. */
int vs_linux_eventfd(void);
