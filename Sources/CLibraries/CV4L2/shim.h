#pragma once
#include <errno.h>
#include <fcntl.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>

/* One request to a video node: 0, or minus the error number. */
#define VS_V4L2_REQUEST(verb, request, type)                      \
    static inline int vs_v4l2_##verb(int fd, type *argument) {    \
        return ioctl(fd, request, argument) == 0 ? 0 : -errno;    \
    }

VS_V4L2_REQUEST(query_capability, VIDIOC_QUERYCAP, struct v4l2_capability)
VS_V4L2_REQUEST(enumerate_format, VIDIOC_ENUM_FMT, struct v4l2_fmtdesc)
VS_V4L2_REQUEST(enumerate_frame_size, VIDIOC_ENUM_FRAMESIZES, struct v4l2_frmsizeenum)
VS_V4L2_REQUEST(enumerate_frame_interval, VIDIOC_ENUM_FRAMEINTERVALS, struct v4l2_frmivalenum)
VS_V4L2_REQUEST(set_format, VIDIOC_S_FMT, struct v4l2_format)
VS_V4L2_REQUEST(set_parameters, VIDIOC_S_PARM, struct v4l2_streamparm)
VS_V4L2_REQUEST(request_buffers, VIDIOC_REQBUFS, struct v4l2_requestbuffers)
VS_V4L2_REQUEST(query_buffer, VIDIOC_QUERYBUF, struct v4l2_buffer)
VS_V4L2_REQUEST(queue_buffer, VIDIOC_QBUF, struct v4l2_buffer)
VS_V4L2_REQUEST(dequeue_buffer, VIDIOC_DQBUF, struct v4l2_buffer)
VS_V4L2_REQUEST(stream_on, VIDIOC_STREAMON, int)
VS_V4L2_REQUEST(stream_off, VIDIOC_STREAMOFF, int)
VS_V4L2_REQUEST(query_control, VIDIOC_QUERYCTRL, struct v4l2_queryctrl)
VS_V4L2_REQUEST(set_control, VIDIOC_S_CTRL, struct v4l2_control)

#undef VS_V4L2_REQUEST

/* open(2) is variadic. Never blocks, and programs started later do not inherit it. */
static inline int vs_v4l2_open(const char *path) {
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

/* What libv4lconvert sees instead of a camera: a node with one ordinary format and nothing else. So it converts memory
 * to memory, and adds none of the controls and corrections that it invents for cameras which it believes to need them. */
static inline int vs_v4l2_no_device(void *state, int fd, unsigned long request, void *argument) {
    (void)state;
    (void)fd;
    if (request == VIDIOC_ENUM_FMT) {
        struct v4l2_fmtdesc *format = (struct v4l2_fmtdesc *)argument;
        if (format->index == 0) {
            format->pixelformat = V4L2_PIX_FMT_YUYV;
            return 0;
        }
    }
    errno = EINVAL;
    return -1;
}

static inline struct v4lconvert_data *vs_v4l2_converter(void) {
    static const struct libv4l_dev_ops operations = {.ioctl = vs_v4l2_no_device};
    return v4lconvert_create_with_dev_ops(-1, NULL, &operations);
}

/* Converts a picture of `pixel_format` to planar 4:2:0. `source_size` bytes must be enough for it: the library goes on
 * after a complaint. Returns 0, or minus the error number. */
static inline int vs_v4l2_convert(
    struct v4lconvert_data *converter, unsigned int pixel_format, unsigned int width, unsigned int height,
    unsigned int bytes_per_line, unsigned char *source, int source_size, unsigned char *target, int target_size) {
    struct v4l2_format from, to;
    memset(&from, 0, sizeof from);
    memset(&to, 0, sizeof to);
    from.type = to.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    from.fmt.pix.width = to.fmt.pix.width = width;
    from.fmt.pix.height = to.fmt.pix.height = height;
    from.fmt.pix.field = to.fmt.pix.field = V4L2_FIELD_NONE;
    from.fmt.pix.pixelformat = pixel_format;
    from.fmt.pix.bytesperline = bytes_per_line;
    from.fmt.pix.sizeimage = (unsigned int)source_size;
    to.fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
    v4lconvert_fixup_fmt(&to);
    return v4lconvert_convert(converter, &from, &to, source, source_size, target, target_size) < 0 ? -errno : 0;
}
