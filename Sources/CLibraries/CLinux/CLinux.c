#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/watchdog.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int vs_linux_name_thread(const char *name) {
    char shortened[16];
    strncpy(shortened, name, sizeof shortened - 1);
    shortened[sizeof shortened - 1] = 0;
    return pthread_setname_np(pthread_self(), shortened);
}

int vs_linux_real_time_thread(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

int vs_linux_nice_thread(int nice_value) {
    /* On Linux setpriority of a thread id touches that thread only. */
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice_value) == 0 ? 0 : errno;
}

void vs_linux_sleep_until(int64_t nanoseconds) {
    struct timespec until = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

int vs_linux_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int vs_linux_uevent_socket(int receive_bytes) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) return -errno;
    /* The first needs a privilege; the second stops at the system's limit. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes, sizeof receive_bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int vs_linux_uevent_receive(int socket, void *bytes, uint32_t size) {
    struct sockaddr_nl sender = {0};
    struct iovec place = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &place, .msg_iovlen = 1};
    ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT);
    if (length < 0) return -errno;
    /* Programs can send to the group too; only the kernel's port is 0. */
    if (sender.nl_pid != 0) return 0;
    if (message.msg_flags & MSG_TRUNC) return -ENOBUFS;
    return (int)length;
}

int vs_linux_watchdog_keepalive(int fd) {
    int unused = 0;
    return ioctl(fd, WDIOC_KEEPALIVE, &unused) < 0 ? -errno : 0;
}

int vs_linux_watchdog_set_timeout(int fd, int32_t *seconds) {
    int value = *seconds;
    if (ioctl(fd, WDIOC_SETTIMEOUT, &value) < 0) return -errno;
    *seconds = value;
    return 0;
}

int vs_linux_watchdog_timeout(int fd, int32_t *seconds) {
    int value = 0;
    if (ioctl(fd, WDIOC_GETTIMEOUT, &value) < 0) return -errno;
    *seconds = value;
    return 0;
}

int vs_linux_send_datagram(const uint8_t *path, uint32_t path_size, const uint8_t *bytes, uint32_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* A path on disk ends with a 0 that belongs to the address; an abstract one does not. */
    if (path_size == 0 || path_size >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, path_size);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + path_size + (path[0] != 0);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    ssize_t sent = sendto(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    int error = sent < 0 ? errno : 0;
    close(fd);
    return -error;
}

int vs_linux_route_socket(void) {
    struct sockaddr_nl address = {
        .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int vs_linux_route_receive(int socket) {
    char bytes[64];
    /* The announcement says too little by itself and is cut off: whoever hears it looks. */
    ssize_t length = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    return length < 0 ? -errno : (int)length;
}

int vs_linux_clock_is_kept(void) {
    struct timex clock = {.modes = 0};
    if (adjtimex(&clock) < 0) return -errno;
    return (clock.status & STA_UNSYNC) == 0;
}

void vs_linux_map_blocks_from(int bytes) { mallopt(M_MMAP_THRESHOLD, bytes); }

void vs_linux_trim_memory(void) { malloc_trim(0); }
