#pragma once
#include <stdint.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

static inline int vs_vpx_encoder_defaults(vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_config_default(vpx_codec_vp8_cx(), configuration, 0);
}

static inline int vs_vpx_encoder_init(vpx_codec_ctx_t *context, const vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_init(context, vpx_codec_vp8_cx(), configuration, 0);
}

static inline int vs_vpx_encoder_set(vpx_codec_ctx_t *context, int control, int value) {
    return vpx_codec_control_(context, control, value);
}

static inline int vs_vpx_encode(
    vpx_codec_ctx_t *context, const uint8_t *y, const uint8_t *u, const uint8_t *v, int luma_stride, int chroma_stride,
    unsigned int width, unsigned int height, int64_t timestamp, unsigned long duration, int keyframe) {
    vpx_image_t image;
    memset(&image, 0, sizeof image);
    image.fmt = VPX_IMG_FMT_I420;
    image.bit_depth = 8;
    image.w = image.d_w = width;
    image.h = image.d_h = height;
    image.x_chroma_shift = image.y_chroma_shift = 1;
    image.bps = 12;
    image.planes[VPX_PLANE_Y] = (unsigned char *)y;
    image.planes[VPX_PLANE_U] = (unsigned char *)u;
    image.planes[VPX_PLANE_V] = (unsigned char *)v;
    image.stride[VPX_PLANE_Y] = luma_stride;
    image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = chroma_stride;
    return vpx_codec_encode(
        context, &image, timestamp, duration, keyframe ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
}

/* The next compressed frame of the last vs_vpx_encode; 0 when there is none. */
static inline int vs_vpx_next_frame(
    vpx_codec_ctx_t *context, vpx_codec_iter_t *iterator, const uint8_t **bytes, size_t *count, int *keyframe) {
    const vpx_codec_cx_pkt_t *packet;
    while ((packet = vpx_codec_get_cx_data(context, iterator)) != NULL) {
        if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
        *bytes = packet->data.frame.buf;
        *count = packet->data.frame.sz;
        *keyframe = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
        return 1;
    }
    return 0;
}

static inline int vs_vpx_decoder_init(vpx_codec_ctx_t *context, unsigned int threads) {
    vpx_codec_dec_cfg_t configuration = {threads, 0, 0};
    return vpx_codec_dec_init(context, vpx_codec_vp8_dx(), &configuration, 0);
}
