"""Writes the small Parquet files of this folder as Hugging Face datasets lays out pictures (pyarrow 25.0.1)."""
import json, struct, zlib
import pyarrow as pa, pyarrow.parquet as pq


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(seed):  # 3 rows, 2 columns, RGB; the first value is the seed
    rows = b"".join(b"\0" + bytes((seed + 7 * (6 * y + i)) % 256 for i in range(6)) for y in range(3))
    header = struct.pack(">IIBBBBB", 2, 3, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


features = {"image": {"_type": "Image"}, "label": {"names": ["ant", "bee", "cow"], "_type": "ClassLabel"}}
schema = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("label", pa.int64()),
        ("text", pa.string()),
        ("boxes", pa.list_(pa.list_(pa.float32()))),
    ],
    metadata={"huggingface": json.dumps({"info": {"features": features}})},
)
rows = [
    {
        "image": {"bytes": png(i), "path": f"{i}.png"},
        "label": i % 3,
        "text": None if i == 2 else f"text {i}",
        "boxes": [[0.0, 1.0, 2.0, float(i)]] * (i % 3),
    }
    for i in range(7)
]
table = pa.Table.from_pylist(rows, schema=schema)
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(table, f"images_{codec}.parquet", compression=codec, row_group_size=4)
