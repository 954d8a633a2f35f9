package dev.fovea.cli;

import picocli.CommandLine.IVersionProvider;

/** Versions of Fovea and of the Java that runs it. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"fovea " + current(), "java " + Runtime.version()};
    }

    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
