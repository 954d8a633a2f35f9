package dev.fovea.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The hub's addresses: commits, lists of files, files. */
final class HubApi {

    private static final int MAX_JSON = 64 << 20;
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"next\"");

    private final URI endpoint;
    private final HubHttp http;

    HubApi(URI endpoint, HubHttp http) {
        this.endpoint = endpoint;
        this.http = http;
    }

    /** The commit that a revision is now. */
    String commit(RepoId repo) {
        try (InputStream body = http.get(
                        address("/api/models/%s/revision/%s".formatted(repo.name(), escape(repo.revision()))), repo)
                .body()) {
            String sha = json(body).path("sha").asString("");
            if (!RepoId.isCommit(sha)) {
                throw new HubException("%s: the hub's commit is '%s'".formatted(repo.name(), sha));
            }
            return sha;
        } catch (IOException e) {
            throw new HubException("%s: %s".formatted(endpoint.getHost(), e.getMessage()));
        }
    }

    /** All files of a commit. */
    List<String> paths(RepoId repo, String commit) {
        var paths = new ArrayList<String>();
        URI page = address("/api/models/%s/tree/%s?recursive=true&expand=false".formatted(repo.name(), commit));
        while (page != null) {
            HttpResponse<InputStream> response = http.get(page, repo);
            try (InputStream body = response.body()) {
                for (JsonNode entry : json(body)) {
                    if (entry.path("type").asString("").equals("file")) {
                        paths.add(entry.path("path").asString(""));
                    }
                }
            } catch (IOException e) {
                throw new HubException("%s: %s".formatted(endpoint.getHost(), e.getMessage()));
            }
            page = next(page, response.headers());
        }
        return paths;
    }

    private static @Nullable URI next(URI page, HttpHeaders headers) {
        Matcher m = NEXT.matcher(headers.firstValue("Link").orElse(""));
        return m.find() ? page.resolve(m.group(1)) : null;
    }

    /** Size and etag of a file. */
    RemoteFile file(RepoId repo, String commit, String path) {
        HttpHeaders headers = http.head(resolve(repo, commit, path), repo).headers();
        String etag = headers.firstValue("X-Linked-Etag")
                .or(() -> headers.firstValue("ETag"))
                .orElse("");
        long size = headers.firstValueAsLong("X-Linked-Size")
                .orElse(headers.firstValueAsLong("Content-Length").orElse(-1));
        return new RemoteFile(path, size, etag.replaceFirst("^W/", "").replace("\"", ""));
    }

    /** A file's content from a byte on. */
    HttpResponse<InputStream> content(RepoId repo, String commit, String path, long from) {
        return http.get(resolve(repo, commit, path), repo, from);
    }

    private URI resolve(RepoId repo, String commit, String path) {
        String escaped = Stream.of(path.split("/")).map(HubApi::escape).collect(Collectors.joining("/"));
        return address("/%s/resolve/%s/%s".formatted(repo.name(), commit, escaped));
    }

    private URI address(String path) {
        return URI.create(endpoint + path);
    }

    private static String escape(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static JsonNode json(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_JSON + 1);
        if (bytes.length > MAX_JSON) {
            throw new HubException("the hub's answer is longer than %d bytes".formatted(MAX_JSON));
        }
        try {
            return JsonMapper.shared().readTree(bytes);
        } catch (JacksonException e) {
            throw new HubException("the hub's answer is no JSON");
        }
    }
}
