package io.sparseplan.report.browser;

import io.sparseplan.plans.file.JsonFile;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import tools.jackson.databind.JsonNode;

/** A headless Chromium of this machine, which keeps what pages log and ask for. */
public final class Chromium implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** The page draws itself before it is complete. */
  private static final String IS_COMPLETE =
      "return location.href.split('#')[0] === arguments[0] && document.readyState === 'complete';";

  private final ChromeDriver driver;

  private Chromium(ChromeDriver driver) {
    this.driver = driver;
  }

  /**
   * @throws AssertionError if the machine has none
   */
  public static Chromium start() {
    Logger.getLogger("org.openqa.selenium").setLevel(Level.SEVERE);
    var options = new ChromeOptions();
    options.setBinary(onPath("chromium").toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run");
    options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL"));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(onPath("chromedriver").toFile())
            .usingAnyFreePort()
            .build();
    var driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(LONGEST);
    return new Chromium(driver);
  }

  private static Path onPath(String name) {
    for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
      Path program = Path.of(directory, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new AssertionError(
        "There is no %s on the PATH, and the page can be tested in a browser only.\n"
                .formatted(name)
            + "Maybe install it: apt-get install chromium chromium-driver");
  }

  /**
   * Opens a page, waits until it is drawn, and forgets what pages before it logged and asked for.
   * The driver can come back from a large page before the page's scripts have run.
   */
  public void open(String address) {
    driver.get("about:blank");
    driver.manage().logs().get(LogType.BROWSER);
    driver.manage().logs().get(LogType.PERFORMANCE);
    driver.get(address);
    String document = address.split("#", 2)[0];
    Instant last = Instant.now().plus(LONGEST);
    while (!(boolean) evaluate(IS_COMPLETE, document)) {
      if (Instant.now().isAfter(last)) {
        throw new AssertionError("The page %s did not load.".formatted(document));
      }
    }
  }

  /** What the page logged: errors, warnings and refusals of its policy among them. */
  public List<String> logged() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** The addresses that pages asked for since the last one was opened. */
  public List<String> requested() {
    var addresses = new ArrayList<String>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = JsonFile.mapper().readTree(entry.getMessage()).get("message");
      if (message.get("method").asString().equals("Network.requestWillBeSent")) {
        addresses.add(message.get("params").get("request").get("url").asString());
      }
    }
    return addresses;
  }

  /** The value of a function body in the page. */
  public Object evaluate(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /**
   * The text of an element as it is shown, scrolled to as a reader would: what is out of sight is
   * not laid out.
   */
  public String text(String selector) {
    return (String)
        driver.executeAsyncScript(
            """
            const [selector, done] = arguments;
            document.querySelector(selector).scrollIntoView({ block: "nearest" });
            requestAnimationFrame(() => requestAnimationFrame(() =>
              setTimeout(() => done(document.querySelector(selector).innerText), 0)));
            """,
            selector);
  }

  public long count(String selector) {
    return (Long) evaluate("return document.querySelectorAll(arguments[0]).length", selector);
  }

  /** Milliseconds from the start of the page to its first picture with content. */
  public double firstPaintMillis() {
    return ((Number)
            driver.executeAsyncScript(
                """
                const done = arguments[0];
                const paint = () => performance.getEntriesByName("first-contentful-paint")[0];
                const wait = () => (paint() ? done(paint().startTime) : setTimeout(wait, 10));
                wait();
                """))
        .doubleValue();
  }

  /** Does something in the page and waits until what changed is drawn. */
  public void act(String script) {
    driver.executeAsyncScript(
        """
        const done = arguments[0];
        (() => { %s })();
        setTimeout(() => requestAnimationFrame(() => setTimeout(done, 0)), 0);
        """
            .formatted(script));
  }

  /**
   * As {@link #act}.
   *
   * @return how long the page's thread computed for it, script, style, layout and painting, in
   *     milliseconds; what else the machine does meanwhile does not count
   */
  public double costMillis(String script) {
    double before = computedMillis();
    act(script);
    return computedMillis() - before;
  }

  private double computedMillis() {
    driver.executeCdpCommand("Performance.enable", Map.of("timeDomain", "threadTicks"));
    var metrics =
        (List<?>) driver.executeCdpCommand("Performance.getMetrics", Map.of()).get("metrics");
    for (Object metric : metrics) {
      var fields = (Map<?, ?>) metric;
      if (fields.get("name").equals("TaskDuration")) {
        return 1000 * ((Number) fields.get("value")).doubleValue();
      }
    }
    throw new AssertionError("The browser does not say how long it computed: " + metrics);
  }

  /**
   * Clicks on an element as a reader does, with the mouse.
   *
   * @param across where on it, of its width, 0..1
   * @param down of its height
   */
  public void click(String selector, double across, double down) {
    // What comes into sight is laid out only then, and moves what is below it.
    for (int frame = 0; frame < 2; frame++) {
      act(
          "const box = document.querySelector('%s').getBoundingClientRect();".formatted(selector)
              + " scrollBy(0, box.top + %s * box.height - innerHeight / 2);".formatted(down));
    }
    var point =
        (List<?>)
            evaluate(
                """
                const [selector, across, down] = arguments;
                const box = document.querySelector(selector).getBoundingClientRect();
                return [box.left + across * box.width, box.top + down * box.height];
                """,
                selector,
                across,
                down);
    for (String event : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
      driver.executeCdpCommand(
          "Input.dispatchMouseEvent",
          Map.of(
              "type",
              event,
              "x",
              point.get(0),
              "y",
              point.get(1),
              "button",
              "left",
              "buttons",
              1,
              "clickCount",
              1));
    }
    act("");
  }

  public void press(String key) {
    act(
        "(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown',"
            + " { key: '%s', bubbles: true, cancelable: true }));".formatted(key));
  }

  /** The size of the window in CSS pixels. */
  public void resize(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the system prefers: light or dark. */
  public void prefer(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Shows the page as it is printed, or, with an empty text, as the system has it. */
  public void emulate(String media) {
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", media));
  }

  /** The page as it goes to a printer: a PDF on A4, its pages counted. */
  public int printedPages() {
    var printed =
        driver.executeCdpCommand(
            "Page.printToPDF",
            Map.of("paperWidth", 8.27, "paperHeight", 11.69, "printBackground", true));
    String pdf =
        new String(
            Base64.getDecoder().decode((String) printed.get("data")), StandardCharsets.ISO_8859_1);
    return (int) Pattern.compile("/Type\\s*/Page\\b").matcher(pdf).results().count();
  }

  /** Where files go that pages hand out. */
  public void downloadTo(Path directory) {
    driver.executeCdpCommand(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", directory.toAbsolutePath().toString()));
  }

  /** A picture of one element as PNG. */
  public void picture(String selector, Path file) throws IOException {
    Files.write(
        file, driver.findElement(By.cssSelector(selector)).getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
