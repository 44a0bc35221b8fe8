package io.sparseplan.cli;

import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.check.CheckReport.Verdict;
import io.sparseplan.plans.check.GateResult;
import java.io.StringWriter;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Gates as the XML that JUnit's reports have, and that GitLab, Jenkins and others read: a test
 * suite with one test case a gate, and one for the plan's heads.
 */
final class JunitXml {
  private final CheckReport report;
  private final XMLStreamWriter xml;

  private JunitXml(CheckReport report, XMLStreamWriter xml) {
    this.report = report;
    this.xml = xml;
  }

  static String of(CheckReport report) {
    var text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      new JunitXml(report, xml).write();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("A string can always be written to.", e);
    }
    return text + "\n";
  }

  private void write() throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", "sparseplan check " + report.now().name());
    xml.writeAttribute("tests", String.valueOf(report.gates().size() + 1));
    xml.writeAttribute("failures", String.valueOf(failures()));
    xml.writeAttribute("skipped", String.valueOf(skipped()));
    xml.writeAttribute("errors", "0");
    testCase("heads");
    if (report.verdict() == Verdict.RETUNE) {
      failure("Tune again.", report.reason());
    }
    xml.writeEndElement();
    for (GateResult gate : report.gates()) {
      testCase(gate.quantity().title());
      String found = GateSentence.of(gate);
      switch (gate.outcome()) {
        case FAILED -> failure(found, values(gate));
        case OFF -> xml.writeEmptyElement("skipped");
        case WARNED, PASSED, UNCHANGED -> {
          xml.writeStartElement("system-out");
          xml.writeCharacters(found + "\n" + values(gate));
          xml.writeEndElement();
        }
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private long failures() {
    return report.gates().stream()
            .filter(gate -> gate.outcome() == GateResult.Outcome.FAILED)
            .count()
        + (report.verdict() == Verdict.RETUNE ? 1 : 0);
  }

  private long skipped() {
    return report.gates().stream().filter(gate -> gate.outcome() == GateResult.Outcome.OFF).count();
  }

  private void testCase(String name) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", "sparseplan.check");
    xml.writeAttribute("name", name);
    xml.writeAttribute("time", "0");
  }

  private void failure(String message, String text) throws XMLStreamException {
    xml.writeStartElement("failure");
    xml.writeAttribute("message", message);
    xml.writeCharacters(text);
    xml.writeEndElement();
  }

  private static String values(GateResult gate) {
    return gate.values().stream().map(CheckText::value).collect(Collectors.joining("\n"));
  }
}
