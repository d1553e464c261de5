#pragma once
#include <stdint.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

/* `is_vp9` chooses between the two codecs of the library. */
static inline int vs_vpx_encoder_defaults(vpx_codec_enc_cfg_t *configuration, int is_vp9) {
    return vpx_codec_enc_config_default(is_vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx(), configuration, 0);
}

/* Targets of the layers of the pattern 0 2 1 2, each with those below it; `layers` is 1 or 3, `kilobits` that of all. */
static inline void vs_vpx_set_rate(vpx_codec_enc_cfg_t *configuration, unsigned int layers, unsigned int kilobits) {
    static const unsigned int decimators[3] = {4, 2, 1}, shares[3] = {40, 60, 100}, pattern[4] = {0, 2, 1, 2};
    configuration->rc_target_bitrate = kilobits;
    configuration->ts_number_layers = layers;
    configuration->ss_number_layers = 1;
    configuration->ss_target_bitrate[0] = configuration->layer_target_bitrate[0] = kilobits;
    if (layers != 3) return;
    configuration->ts_periodicity = 4;
    configuration->temporal_layering_mode = VP9E_TEMPORAL_LAYERING_MODE_BYPASS;
    for (unsigned int i = 0; i < 4; i++) configuration->ts_layer_id[i] = pattern[i];
    for (unsigned int i = 0; i < 3; i++) {
        configuration->ts_rate_decimator[i] = decimators[i];
        configuration->ts_target_bitrate[i] = configuration->layer_target_bitrate[i] = kilobits * shares[i] / 100;
    }
}

static inline int vs_vpx_encoder_init(
    vpx_codec_ctx_t *context, const vpx_codec_enc_cfg_t *configuration, int is_vp9) {
    return vpx_codec_enc_init(context, is_vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx(), configuration, 0);
}

static inline int vs_vpx_encoder_set(vpx_codec_ctx_t *context, int control, int value) {
    return vpx_codec_control_(context, control, value);
}

/* Makes a VP9 encoder work in three temporal layers of one size, whose order vs_vp9_begin_frame gives. */
static inline int vs_vp9_use_layers(vpx_codec_ctx_t *context, const vpx_codec_enc_cfg_t *configuration, int speed) {
    vpx_svc_extra_cfg_t layers;
    memset(&layers, 0, sizeof layers);
    for (unsigned int i = 0; i < configuration->ts_number_layers; i++) {
        layers.max_quantizers[i] = (int)configuration->rc_max_quantizer;
        layers.min_quantizers[i] = (int)configuration->rc_min_quantizer;
        layers.scaling_factor_num[i] = layers.scaling_factor_den[i] = 1;
        layers.speed_per_layer[i] = speed;
    }
    int status = vpx_codec_control_(context, VP9E_SET_SVC, 1);
    return status ? status : vpx_codec_control_(context, VP9E_SET_SVC_PARAMETERS, &layers);
}

/* The next frame is of temporal layer `layer`. Layer 0 lives in buffer 0, layer 1 in buffer 1; a frame is predicted from
   buffer 0, and from buffer 1 too where `uses_upper`. */
static inline int vs_vp9_begin_frame(vpx_codec_ctx_t *context, int layer, int uses_upper, int64_t duration) {
    vpx_svc_layer_id_t place;
    vpx_svc_ref_frame_config_t references;
    memset(&place, 0, sizeof place);
    memset(&references, 0, sizeof references);
    place.temporal_layer_id = place.temporal_layer_id_per_spatial[0] = layer;
    references.lst_fb_idx[0] = 0;
    references.gld_fb_idx[0] = 1;
    references.alt_fb_idx[0] = 2;
    references.reference_last[0] = 1;
    references.reference_golden[0] = uses_upper;
    references.update_buffer_slot[0] = layer == 0 ? 1 << 0 : layer == 1 ? 1 << 1 : 0;
    references.duration[0] = duration;
    int status = vpx_codec_control_(context, VP9E_SET_SVC_LAYER_ID, &place);
    return status ? status : vpx_codec_control_(context, VP9E_SET_SVC_REF_FRAME_CONFIG, &references);
}

static inline int vs_vpx_encode(
    vpx_codec_ctx_t *context, const uint8_t *y, const uint8_t *u, const uint8_t *v, int luma_stride, int chroma_stride,
    unsigned int width, unsigned int height, int64_t timestamp, unsigned long duration, long flags) {
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
    return vpx_codec_encode(context, &image, timestamp, duration, flags, VPX_DL_REALTIME);
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

static inline int vs_vpx_decoder_init(vpx_codec_ctx_t *context, unsigned int threads, int is_vp9) {
    vpx_codec_dec_cfg_t configuration = {threads, 0, 0};
    return vpx_codec_dec_init(context, is_vp9 ? vpx_codec_vp9_dx() : vpx_codec_vp8_dx(), &configuration, 0);
}
