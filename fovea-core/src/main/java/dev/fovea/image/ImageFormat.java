package dev.fovea.image;

import org.jspecify.annotations.Nullable;

/** The formats that {@link ImageDecoder} reads, told apart by their first bytes, never by a file's name. */
public enum ImageFormat {
    JPEG,
    PNG,
    WEBP,
    GIF,
    BMP;

    /** The format of a file's bytes; null when they begin like none of these. */
    public static @Nullable ImageFormat of(byte[] file) {
        if (begins(file, 0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        } else if (begins(file, 0, "\u0089PNG\r\n\u001a\n")) {
            return PNG;
        } else if (begins(file, 0, "RIFF") && begins(file, 8, "WEBP")) {
            return WEBP;
        } else if (begins(file, 0, "GIF87a") || begins(file, 0, "GIF89a")) {
            return GIF;
        } else if (begins(file, 0, "BM")) {
            return BMP;
        }
        return null;
    }

    static boolean begins(byte[] bytes, int at, String latin1) {
        if (at < 0 || at + latin1.length() > bytes.length) {
            return false;
        }
        for (int i = 0; i < latin1.length(); i++) {
            if ((bytes[at + i] & 0xff) != latin1.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
