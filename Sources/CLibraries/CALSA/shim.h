#pragma once
#include <alsa/asoundlib.h>
#include <string.h>

/* The library prints its errors otherwise; they come back as numbers too. */
static inline void vs_alsa_ignore_error(const char *file, int line, const char *function, int err, const char *fmt, ...) {
}

static inline void vs_alsa_silence_errors(void) {
    snd_lib_error_set_handler(vs_alsa_ignore_error);
}

static inline int vs_alsa_open(const char *name, int capture, snd_pcm_t **pcm) {
    return snd_pcm_open(pcm, name, capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
}

/* 0 S16_LE, 1 S32_LE, 2 S24_3LE. */
static inline snd_pcm_format_t vs_alsa_format(unsigned index) {
    return index == 0 ? SND_PCM_FORMAT_S16_LE : index == 1 ? SND_PCM_FORMAT_S32_LE : SND_PCM_FORMAT_S24_3LE;
}

/* Bit n of `formats`: vs_alsa_format(n); bit n of `rates`: candidates[n]. */
static inline int vs_alsa_abilities(
    snd_pcm_t *pcm, const unsigned *candidates, unsigned count, unsigned *formats, unsigned *rates,
    unsigned *fewest_channels, unsigned *most_channels) {
    snd_pcm_hw_params_t *params;
    int err = snd_pcm_hw_params_malloc(&params);
    if (err < 0) return err;
    err = snd_pcm_hw_params_any(pcm, params);
    if (err >= 0) err = snd_pcm_hw_params_set_rate_resample(pcm, params, 0);
    if (err >= 0) err = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
    *formats = *rates = 0;
    if (err >= 0) {
        for (unsigned i = 0; i < 3; i++)
            if (snd_pcm_hw_params_test_format(pcm, params, vs_alsa_format(i)) == 0) *formats |= 1u << i;
        for (unsigned i = 0; i < count && i < 32; i++)
            if (snd_pcm_hw_params_test_rate(pcm, params, candidates[i], 0) == 0) *rates |= 1u << i;
        err = snd_pcm_hw_params_get_channels_min(params, fewest_channels);
    }
    if (err >= 0) err = snd_pcm_hw_params_get_channels_max(params, most_channels);
    snd_pcm_hw_params_free(params);
    return err < 0 ? err : 0;
}

/* `period` and `buffer` in frames: wishes in, what the device does out. */
static inline int vs_alsa_set_hardware(
    snd_pcm_t *pcm, unsigned format, unsigned channels, unsigned rate, unsigned long *period, unsigned long *buffer) {
    snd_pcm_hw_params_t *params;
    int err = snd_pcm_hw_params_malloc(&params);
    if (err < 0) return err;
    err = snd_pcm_hw_params_any(pcm, params);
    if (err >= 0) err = snd_pcm_hw_params_set_rate_resample(pcm, params, 0);
    if (err >= 0) err = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
    if (err >= 0) err = snd_pcm_hw_params_set_format(pcm, params, vs_alsa_format(format));
    if (err >= 0) err = snd_pcm_hw_params_set_channels(pcm, params, channels);
    if (err >= 0) err = snd_pcm_hw_params_set_rate(pcm, params, rate, 0);
    if (err >= 0) err = snd_pcm_hw_params_set_period_size_near(pcm, params, period, NULL);
    if (err >= 0) err = snd_pcm_hw_params_set_buffer_size_near(pcm, params, buffer);
    if (err >= 0) err = snd_pcm_hw_params(pcm, params);
    if (err >= 0) err = snd_pcm_hw_params_get_period_size(params, period, NULL);
    if (err >= 0) err = snd_pcm_hw_params_get_buffer_size(params, buffer);
    snd_pcm_hw_params_free(params);
    return err < 0 ? err : 0;
}

/* The stream starts by snd_pcm_start alone and stops when it runs dry or over. */
static inline int vs_alsa_set_software(snd_pcm_t *pcm, unsigned long wake, unsigned long buffer) {
    snd_pcm_sw_params_t *params;
    int err = snd_pcm_sw_params_malloc(&params);
    if (err < 0) return err;
    err = snd_pcm_sw_params_current(pcm, params);
    if (err >= 0) err = snd_pcm_sw_params_set_avail_min(pcm, params, wake);
    if (err >= 0) err = snd_pcm_sw_params_set_start_threshold(pcm, params, buffer + 1);
    if (err >= 0) err = snd_pcm_sw_params_set_stop_threshold(pcm, params, buffer);
    if (err >= 0) err = snd_pcm_sw_params(pcm, params);
    snd_pcm_sw_params_free(params);
    return err < 0 ? err : 0;
}

typedef struct {
    char name[64];
    unsigned index;
    /* Both 0: a switch without a volume. */
    long raw_min, raw_max;
    /* Hundredths of a decibel; `has_db` 0: the card does not tell. */
    int has_db;
    long db_min, db_max;
} vs_alsa_mixer_element;

static inline int vs_alsa_mixer_open(const char *card, snd_mixer_t **mixer) {
    int err = snd_mixer_open(mixer, 0);
    if (err < 0) return err;
    err = snd_mixer_attach(*mixer, card);
    if (err >= 0) err = snd_mixer_selem_register(*mixer, NULL, NULL);
    if (err >= 0) err = snd_mixer_load(*mixer);
    if (err < 0) snd_mixer_close(*mixer);
    return err < 0 ? err : 0;
}

static inline int vs_alsa_mixer_has_volume(snd_mixer_elem_t *elem, int capture) {
    return capture ? snd_mixer_selem_has_capture_volume(elem) : snd_mixer_selem_has_playback_volume(elem);
}

static inline int vs_alsa_mixer_has_switch(snd_mixer_elem_t *elem, int capture) {
    return capture ? snd_mixer_selem_has_capture_switch(elem) : snd_mixer_selem_has_playback_switch(elem);
}

/* The elements with a volume or a switch in this direction; their number, at most `capacity`, or an error. */
static inline int vs_alsa_mixer_list(const char *card, int capture, vs_alsa_mixer_element *list, int capacity) {
    snd_mixer_t *mixer;
    int err = vs_alsa_mixer_open(card, &mixer), count = 0;
    if (err < 0) return err;
    for (snd_mixer_elem_t *elem = snd_mixer_first_elem(mixer); elem && count < capacity;
         elem = snd_mixer_elem_next(elem)) {
        vs_alsa_mixer_element *entry = &list[count];
        memset(entry, 0, sizeof *entry);
        if (vs_alsa_mixer_has_volume(elem, capture)) {
            err = capture ? snd_mixer_selem_get_capture_volume_range(elem, &entry->raw_min, &entry->raw_max)
                          : snd_mixer_selem_get_playback_volume_range(elem, &entry->raw_min, &entry->raw_max);
            if (err < 0) continue;
            err = capture ? snd_mixer_selem_get_capture_dB_range(elem, &entry->db_min, &entry->db_max)
                          : snd_mixer_selem_get_playback_dB_range(elem, &entry->db_min, &entry->db_max);
            entry->has_db = err >= 0;
        } else if (!vs_alsa_mixer_has_switch(elem, capture)) {
            continue;
        }
        strncpy(entry->name, snd_mixer_selem_get_name(elem), sizeof entry->name - 1);
        entry->index = snd_mixer_selem_get_index(elem);
        count++;
    }
    snd_mixer_close(mixer);
    return count;
}

static inline int vs_alsa_mixer_set_element(
    snd_mixer_elem_t *elem, int capture, int is_db, long value, int is_on) {
    int err = 0;
    if (vs_alsa_mixer_has_volume(elem, capture)) {
        if (capture)
            err = is_db ? snd_mixer_selem_set_capture_dB_all(elem, value, 0)
                        : snd_mixer_selem_set_capture_volume_all(elem, value);
        else
            err = is_db ? snd_mixer_selem_set_playback_dB_all(elem, value, 0)
                        : snd_mixer_selem_set_playback_volume_all(elem, value);
    }
    if (err >= 0 && vs_alsa_mixer_has_switch(elem, capture))
        err = capture ? snd_mixer_selem_set_capture_switch_all(elem, is_on)
                      : snd_mixer_selem_set_playback_switch_all(elem, is_on);
    return err;
}

/* Sets all channels of an element, and switches it on, or off when `is_on` is 0. */
static inline int vs_alsa_mixer_set(
    const char *card, const char *name, unsigned index, int capture, int is_db, long value, int is_on) {
    snd_mixer_t *mixer;
    snd_mixer_selem_id_t *id;
    int err = snd_mixer_selem_id_malloc(&id);
    if (err < 0) return err;
    err = vs_alsa_mixer_open(card, &mixer);
    if (err >= 0) {
        snd_mixer_selem_id_set_index(id, index);
        snd_mixer_selem_id_set_name(id, name);
        snd_mixer_elem_t *elem = snd_mixer_find_selem(mixer, id);
        err = elem ? vs_alsa_mixer_set_element(elem, capture, is_db, value, is_on) : -ENOENT;
        snd_mixer_close(mixer);
    }
    snd_mixer_selem_id_free(id);
    return err < 0 ? err : 0;
}
