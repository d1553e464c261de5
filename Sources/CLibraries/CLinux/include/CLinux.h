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

/* A non-blocking socket that receives the kernel's device events (NETLINK_KOBJECT_UEVENT, kernel group), with room for
   `receive_bytes` of them where allowed. A negative errno when there is none. */
int vs_linux_uevent_socket(int receive_bytes);

/* Takes one event. Returns its length, 0 for one that is not the kernel's, or a negative errno; -ENOBUFS when events were
   lost or `size` was too small. */
int vs_linux_uevent_receive(int socket, void *bytes, uint32_t size);

/* The requests of linux/watchdog.h; 0 or a negative errno. */
int vs_linux_watchdog_keepalive(int fd);

/* `seconds` becomes what the hardware does instead. */
int vs_linux_watchdog_set_timeout(int fd, int32_t *seconds);
int vs_linux_watchdog_timeout(int fd, int32_t *seconds);

/* Sends one datagram to the Unix socket whose address is the `path_size` bytes of `path`; the first is 0 for an abstract
   one. 0 or a negative errno; never waits. */
int vs_linux_send_datagram(const uint8_t *path, uint32_t path_size, const uint8_t *bytes, uint32_t size);

/* A non-blocking socket that is readable when a link or an address of this machine changes (NETLINK_ROUTE). A negative
   errno when there is none. */
int vs_linux_route_socket(void);

/* Takes one announcement. Returns its length, or a negative errno; -ENOBUFS when some were lost. */
int vs_linux_route_receive(int socket);

/* 1 when the kernel's clock is kept right by somebody (adjtimex), 0 when not, a negative errno when that cannot be asked. */
int vs_linux_clock_is_kept(void);

/* Blocks of `bytes` and more are mapped one by one from now on, and unmapped when freed (mallopt, M_MMAP_THRESHOLD). */
void vs_linux_map_blocks_from(int bytes);

/* Gives what is free between used blocks back to the system (malloc_trim). */
void vs_linux_trim_memory(void);
