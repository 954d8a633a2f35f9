package dev.fovea.text;

import java.util.Arrays;

/** Byte strings to numbers, walked byte by byte. An edge is an entry of one open hash table. */
final class PieceTrie {

    static final int ROOT = 0;
    static final int NONE = -1;

    /** {@code (node << 8 | byte) + 1}, 0 where empty. */
    private long[] edges = new long[1 << 10];

    private int[] targets = new int[1 << 10];
    private int[] values = new int[1 << 8];
    private int nodes = 1;

    PieceTrie() {
        values[ROOT] = NONE;
    }

    /** Stores {@code value} for {@code key} and returns the one that was there, or {@link #NONE}. */
    int put(byte[] key, int value) {
        int node = ROOT;
        for (byte b : key) {
            int next = step(node, b);
            node = next == NONE ? add(node, b) : next;
        }
        int old = values[node];
        values[node] = value;
        return old;
    }

    /** The node one byte further, or {@link #NONE}. */
    int step(int node, byte b) {
        long edge = edge(node, b);
        for (int i = slot(edge); ; i = (i + 1) & (edges.length - 1)) {
            if (edges[i] == edge) {
                return targets[i];
            }
            if (edges[i] == 0) {
                return NONE;
            }
        }
    }

    /** The value stored at a node, or {@link #NONE}. */
    int value(int node) {
        return values[node];
    }

    /** The value of exactly {@code bytes[from .. to-1]}, or {@link #NONE}. */
    int find(byte[] bytes, int from, int to) {
        int node = ROOT;
        for (int i = from; i < to && node != NONE; i++) {
            node = step(node, bytes[i]);
        }
        return node == NONE ? NONE : values[node];
    }

    /** Length of the longest key that {@code bytes} has at {@code from}; 0 where there is none. */
    int longestPrefix(byte[] bytes, int from) {
        int longest = 0;
        int node = ROOT;
        for (int i = from; i < bytes.length; i++) {
            node = step(node, bytes[i]);
            if (node == NONE) {
                break;
            }
            if (values[node] != NONE) {
                longest = i + 1 - from;
            }
        }
        return longest;
    }

    private int add(int node, byte b) {
        if (nodes * 2 > edges.length) {
            grow();
        }
        if (nodes == values.length) {
            values = Arrays.copyOf(values, nodes * 2);
        }
        values[nodes] = NONE;
        insert(edge(node, b), nodes);
        return nodes++;
    }

    private void grow() {
        long[] oldEdges = edges;
        int[] oldTargets = targets;
        edges = new long[oldEdges.length * 2];
        targets = new int[edges.length];
        for (int i = 0; i < oldEdges.length; i++) {
            if (oldEdges[i] != 0) {
                insert(oldEdges[i], oldTargets[i]);
            }
        }
    }

    private void insert(long edge, int target) {
        int i = slot(edge);
        while (edges[i] != 0) {
            i = (i + 1) & (edges.length - 1);
        }
        edges[i] = edge;
        targets[i] = target;
    }

    private static long edge(int node, byte b) {
        return ((long) node << 8 | (b & 0xFF)) + 1;
    }

    private int slot(long edge) {
        return (int) ((edge * 0x9E3779B97F4A7C15L) >>> 32) & (edges.length - 1);
    }
}
