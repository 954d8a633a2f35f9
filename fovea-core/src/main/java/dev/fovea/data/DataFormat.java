package dev.fovea.data;

/** How a data set lies on disk. */
public enum DataFormat {
    /** Chosen from what lies at the path. */
    AUTO,
    /** {@code split/class/picture.jpg} or {@code class/picture.jpg}, or a folder with {@code metadata.jsonl} or {@code metadata.csv}. */
    FOLDER,
    /** idx files as MNIST has them, plain or gzip. */
    IDX,
    /** CIFAR-10 binary files. */
    CIFAR10,
    /** CIFAR-100 binary files; the label column is {@code fine_label} (default) or {@code coarse_label}. */
    CIFAR100,
    /** Parquet files in Hugging Face's layout. */
    PARQUET,
    /** WebDataset tar shards; the path may be a brace pattern. */
    WEBDATASET,
    /** JSON lines with paths of pictures. */
    JSONL
}
