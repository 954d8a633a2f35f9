# Sourced by ./fovea, ./mvnw and .ci/run: sets JAVA_HOME to a JDK of release 25, or says in one line what to install.
fovea_java_release() {
    [ -x "$1/bin/javac" ] && [ -x "$1/bin/java" ] || return 1
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

fovea_find_jdk() {
    for home in "${FOVEA_JAVA_HOME:-}" "${JAVA_HOME:-}" \
        "$(dirname "$(dirname "$(readlink -f "$(command -v javac 2>/dev/null)" 2>/dev/null)")" 2>/dev/null)" \
        /usr/lib/jvm/* /opt/* "$HOME"/.jdks/* "$HOME"/.sdkman/candidates/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [ -n "$home" ] && [ "$(fovea_java_release "$home")" = 25 ] || continue
        JAVA_HOME=$home
        export JAVA_HOME
        return 0
    done
    echo "fovea: needs a JDK 25 and found none; install one (Debian: apt-get install temurin-25-jdk, or https://adoptium.net) or set JAVA_HOME to it" >&2
    return 78
}
