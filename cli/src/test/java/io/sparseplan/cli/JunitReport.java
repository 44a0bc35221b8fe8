package io.sparseplan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * A JUnit report as Jenkins and GitLab read it: there is no standard, but names and counts that
 * both require, and elements that both know.
 */
record JunitReport(List<TestCase> cases) {
  private static final Set<String> OF_A_CASE =
      Set.of("skipped", "error", "failure", "system-out", "system-err");

  /**
   * @param failure what is said where it failed, else empty
   */
  record TestCase(String name, String failure) {}

  /** Reads the report, and holds it against what readers require. */
  static JunitReport read(Path file)
      throws IOException, ParserConfigurationException, SAXException {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    assertThat(suite.getTagName()).isEqualTo("testsuite");
    assertThat(suite.getAttribute("name")).isNotBlank();
    List<Element> elements = children(suite);
    assertThat(elements).isNotEmpty().allMatch(child -> child.getTagName().equals("testcase"));
    assertThat(suite.getAttribute("tests")).isEqualTo(String.valueOf(elements.size()));
    assertThat(suite.getAttribute("failures")).isEqualTo(count(suite, "failure"));
    assertThat(suite.getAttribute("errors")).isEqualTo(count(suite, "error"));
    assertThat(suite.getAttribute("skipped")).isEqualTo(count(suite, "skipped"));
    return new JunitReport(elements.stream().map(JunitReport::testCase).toList());
  }

  private static TestCase testCase(Element element) {
    assertThat(element.getAttribute("classname")).isNotBlank();
    assertThat(element.getAttribute("name")).isNotBlank();
    assertThat(Double.parseDouble(element.getAttribute("time"))).isNotNegative();
    List<Element> children = children(element);
    assertThat(children).extracting(Element::getTagName).isSubsetOf(OF_A_CASE);
    String failure =
        children.stream()
            .filter(child -> child.getTagName().equals("failure"))
            .map(child -> child.getAttribute("message"))
            .findFirst()
            .orElse("");
    return new TestCase(element.getAttribute("name"), failure);
  }

  private static String count(Element suite, String name) {
    return String.valueOf(suite.getElementsByTagName(name).getLength());
  }

  private static List<Element> children(Element parent) {
    var children = new ArrayList<Element>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }

  /** The names of the cases that failed. */
  List<String> failed() {
    return cases.stream().filter(test -> !test.failure.isEmpty()).map(TestCase::name).toList();
  }
}
