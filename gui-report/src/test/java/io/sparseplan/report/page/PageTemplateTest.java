package io.sparseplan.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.report.view.Table;
import io.sparseplan.report.view.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PageTemplateTest {
  private static final Verdict VERDICT =
      new Verdict(
          Verdict.Status.PASS,
          "Within every limit",
          "A sentence with <!--data--> in it.",
          "Not measured.",
          List.of(),
          List.of(),
          new Table(List.of(), List.of()));

  private final String page =
      PageTemplate.fill(VERDICT, List.of(), "{\"view\":\"<!--scripts-->\"}");

  @Test
  void thePolicyListsExactlyTheHashesOfTheScriptsInThePage() {
    assertThat(sources("script-src")).containsExactlyElementsOf(hashes("<script>(.*?)</script>"));
  }

  @Test
  void thePolicyListsExactlyTheHashOfTheStyleInThePage() {
    assertThat(sources("style-src")).containsExactlyElementsOf(hashes("<style>(.*?)</style>"));
  }

  @Test
  void thePolicyForbidsEverythingElse() {
    assertThat(policy())
        .startsWith("default-src 'none'; ")
        .endsWith("; img-src data:; base-uri 'none'; form-action 'none'")
        .doesNotContain("unsafe", "*", "http");
  }

  @Test
  void noElementCarriesAScriptOrAStyleOfItsOwn() {
    String markup = page.replaceAll("(?s)<(script|style)>.*?</\\1>", "");

    assertThat(markup).doesNotContainPattern("<[^>]+\\s(style|on[a-z]+)\\s*=");
  }

  @Test
  void whatIsPutInIsNotSearchedForMarks() {
    assertThat(page)
        .contains("A sentence with &lt;!--data--&gt; in it.")
        .contains("{\"view\":\"<!--scripts-->\"}");
  }

  @Test
  void everyMarkIsFilled() {
    assertThat(page.replace("<!--scripts-->", "")).doesNotContain("<!--");
  }

  private String policy() {
    return matches("http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"").getFirst();
  }

  private List<String> sources(String directive) {
    for (String part : policy().split("; ")) {
      if (part.startsWith(directive + " ")) {
        return List.of(part.substring(directive.length() + 1).split(" "));
      }
    }
    return List.of();
  }

  private List<String> hashes(String element) {
    var hashes = new ArrayList<String>();
    for (String text : matches(element)) {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        hashes.add("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(hashes).isNotEmpty();
    return hashes;
  }

  private List<String> matches(String pattern) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(page)
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }
}
