#!/bin/sh
# Fovea from a checkout: builds on first use, picks the JDK, sets the JVM's flags. Works from any directory.
here=$(cd "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")" && pwd)
. "$here/.mvn/find-jdk.sh"
fovea_find_jdk || exit $?

lib=$here/fovea-cli/target/lib
stamp=$here/fovea-cli/target/.built
if [ ! -f "$stamp" ] || [ -n "$(find "$here/pom.xml" "$here"/fovea-*/pom.xml "$here"/fovea-*/src/main -newer "$stamp" -print -quit)" ]; then
    echo "fovea: building (the first time downloads about 450 MB of libraries) ..." >&2
    log=$here/fovea-cli/target/build.log
    mkdir -p "$here/fovea-cli/target"
    if (cd "$here" && ./mvnw -q -B -ntp -pl fovea-cli -am -DskipTests -Dspotless.check.skip package) >"$log" 2>&1; then
        touch "$stamp"
    else
        tail -n 20 "$log" >&2
        echo "fovea: the build failed; the whole log is $log" >&2
        exit 1
    fi
fi

# FOVEA_OPTS: further JVM options, such as -Xmx8g.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -XX:+UseParallelGC -XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=$here/fovea-cli/target/fovea.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off \
    -Djava.awt.headless=true $FOVEA_OPTS \
    -cp "$(echo "$here"/fovea-cli/target/fovea-cli-*.jar):$lib/*" dev.fovea.cli.Main "$@"
