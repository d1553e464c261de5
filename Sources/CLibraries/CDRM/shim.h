#pragma once
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

/* A dumb buffer of `width` x `height` pixels of `bits` each. Returns 0 or an errno. */
static inline int vs_drm_create_dumb(
    int card, uint32_t width, uint32_t height, uint32_t bits, uint32_t *handle, uint32_t *pitch, uint64_t *size) {
    struct drm_mode_create_dumb request;
    memset(&request, 0, sizeof request);
    request.width = width;
    request.height = height;
    request.bpp = bits;
    if (drmIoctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &request) != 0) return errno;
    *handle = request.handle;
    *pitch = request.pitch;
    *size = request.size;
    return 0;
}

static inline int vs_drm_destroy_dumb(int card, uint32_t handle) {
    struct drm_mode_destroy_dumb request;
    memset(&request, 0, sizeof request);
    request.handle = handle;
    return drmIoctl(card, DRM_IOCTL_MODE_DESTROY_DUMB, &request) != 0 ? errno : 0;
}

/* Where in the card's file the buffer is to be mapped. Returns 0 or an errno. */
static inline int vs_drm_map_dumb(int card, uint32_t handle, uint64_t *offset) {
    struct drm_mode_map_dumb request;
    memset(&request, 0, sizeof request);
    request.handle = handle;
    if (drmIoctl(card, DRM_IOCTL_MODE_MAP_DUMB, &request) != 0) return errno;
    *offset = request.offset;
    return 0;
}

/* One atomic commit; `counts[i]` of the properties belong to `objects[i]`. Allocates nothing. Returns 0 or an errno. */
static inline int vs_drm_atomic(
    int card, uint32_t flags, uint32_t count, const uint32_t *objects, const uint32_t *counts,
    const uint32_t *properties, const uint64_t *values, uint64_t user_data) {
    struct drm_mode_atomic request;
    memset(&request, 0, sizeof request);
    request.flags = flags;
    request.count_objs = count;
    request.objs_ptr = (uint64_t)(uintptr_t)objects;
    request.count_props_ptr = (uint64_t)(uintptr_t)counts;
    request.props_ptr = (uint64_t)(uintptr_t)properties;
    request.prop_values_ptr = (uint64_t)(uintptr_t)values;
    request.user_data = user_data;
    return drmIoctl(card, DRM_IOCTL_MODE_ATOMIC, &request) != 0 ? errno : 0;
}
