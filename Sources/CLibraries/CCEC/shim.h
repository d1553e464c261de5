#pragma once
#include <errno.h>
#include <linux/cec.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

/* The requests of linux/cec.h. Each returns 0 or a negative errno, and never waits on a non-blocking descriptor. */

static inline int vs_cec_ioctl(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

/* `capabilities`: the CEC_CAP_ bits. */
static inline int vs_cec_capabilities(int fd, uint32_t *capabilities) {
    struct cec_caps caps;
    memset(&caps, 0, sizeof caps);
    int status = vs_cec_ioctl(fd, CEC_ADAP_G_CAPS, &caps);
    *capabilities = caps.capabilities;
    return status;
}

/* `address` becomes 0xffff without a cable. */
static inline int vs_cec_physical_address(int fd, uint16_t *address) {
    *address = CEC_PHYS_ADDR_INVALID;
    return vs_cec_ioctl(fd, CEC_ADAP_G_PHYS_ADDR, address);
}

/* `mask` has a bit for each claimed address. */
static inline int vs_cec_logical_addresses(int fd, uint16_t *mask) {
    struct cec_log_addrs addresses;
    memset(&addresses, 0, sizeof addresses);
    int status = vs_cec_ioctl(fd, CEC_ADAP_G_LOG_ADDRS, &addresses);
    *mask = addresses.log_addr_mask;
    return status;
}

/* Lets go of all addresses. */
static inline int vs_cec_clear_addresses(int fd) {
    struct cec_log_addrs addresses;
    memset(&addresses, 0, sizeof addresses);
    return vs_cec_ioctl(fd, CEC_ADAP_S_LOG_ADDRS, &addresses);
}

/* Starts claiming the address of a CEC 1.4 player; the outcome is an event. */
static inline int vs_cec_claim_player(int fd, const char *osd_name, uint32_t vendor) {
    struct cec_log_addrs addresses;
    memset(&addresses, 0, sizeof addresses);
    addresses.cec_version = CEC_OP_CEC_VERSION_1_4;
    addresses.num_log_addrs = 1;
    addresses.vendor_id = vendor;
    strncpy(addresses.osd_name, osd_name, sizeof addresses.osd_name - 1);
    addresses.primary_device_type[0] = CEC_OP_PRIM_DEVTYPE_PLAYBACK;
    addresses.log_addr_type[0] = CEC_LOG_ADDR_TYPE_PLAYBACK;
    addresses.all_device_types[0] = CEC_OP_ALL_DEVTYPE_PLAYBACK;
    return vs_cec_ioctl(fd, CEC_ADAP_S_LOG_ADDRS, &addresses);
}

/* This descriptor sends, and is told what is sent to us. */
static inline int vs_cec_take_part(int fd) {
    uint32_t mode = CEC_MODE_INITIATOR | CEC_MODE_FOLLOWER;
    return vs_cec_ioctl(fd, CEC_S_MODE, &mode);
}

static inline int vs_cec_transmit(int fd, const uint8_t *bytes, uint32_t count) {
    struct cec_msg message;
    if (count == 0 || count > CEC_MAX_MSG_SIZE) return -EINVAL;
    memset(&message, 0, sizeof message);
    memcpy(message.msg, bytes, count);
    message.len = count;
    return vs_cec_ioctl(fd, CEC_TRANSMIT, &message);
}

/* A received frame, or what became of one transmitted: then `transmit_status` has CEC_TX_STATUS_ bits and
   `receive_status` is 0. `bytes` has room for CEC_MAX_MSG_SIZE. */
static inline int vs_cec_receive(
    int fd, uint8_t *bytes, uint32_t *count, uint8_t *receive_status, uint8_t *transmit_status
) {
    struct cec_msg message;
    memset(&message, 0, sizeof message);
    int status = vs_cec_ioctl(fd, CEC_RECEIVE, &message);
    *count = message.len > CEC_MAX_MSG_SIZE ? CEC_MAX_MSG_SIZE : message.len;
    memcpy(bytes, message.msg, CEC_MAX_MSG_SIZE);
    *receive_status = message.rx_status;
    *transmit_status = message.tx_status;
    return status;
}

/* An event; the addresses are set for CEC_EVENT_STATE_CHANGE, `lost` for CEC_EVENT_LOST_MSGS. */
static inline int vs_cec_dequeue_event(
    int fd, uint32_t *kind, uint16_t *physical_address, uint16_t *address_mask, uint32_t *lost
) {
    struct cec_event event;
    memset(&event, 0, sizeof event);
    int status = vs_cec_ioctl(fd, CEC_DQEVENT, &event);
    *kind = event.event;
    *physical_address = event.event == CEC_EVENT_STATE_CHANGE ? event.state_change.phys_addr : CEC_PHYS_ADDR_INVALID;
    *address_mask = event.event == CEC_EVENT_STATE_CHANGE ? event.state_change.log_addr_mask : 0;
    *lost = event.event == CEC_EVENT_LOST_MSGS ? event.lost_msgs.lost_msgs : 0;
    return status;
}
