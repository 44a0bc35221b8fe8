package io.sparseplan.report.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the browser lets the page do (W3C Content Security Policy, level 3): run exactly these
 * scripts, apply exactly this style, and load nothing from anywhere.
 */
final class ContentSecurityPolicy {
  private ContentSecurityPolicy() {}

  static String of(List<String> scripts, String style) {
    return "default-src 'none'; script-src "
        + scripts.stream().map(ContentSecurityPolicy::source).collect(Collectors.joining(" "))
        + "; style-src "
        + source(style)
        + "; img-src data:; base-uri 'none'; form-action 'none'";
  }

  /** The same for a page without scripts. */
  static String ofStyle(String style) {
    return "default-src 'none'; style-src "
        + source(style)
        + "; img-src data:; base-uri 'none'; form-action 'none'";
  }

  /** The hash of the text between an element's tags, as a source expression. */
  private static String source(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    }
  }
}
