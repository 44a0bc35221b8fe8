import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Lays out what runs on a machine without Java, and packs it: {@code Bundle.java PROJECT OUTPUT
 * ARCHIVE}, after the cli module was packaged with the profile {@code dist}.
 *
 * <ul>
 *   <li>{@code runtime}: the parts of Java that the program uses, from the JDK that runs this;
 *   <li>{@code lib}: its jars, without other platforms' native code, not compressed: the archive
 *       that is made of all this compresses them better together;
 *   <li>{@code lib/native}: JCuda's binding of the driver, and nothing else of JCuda's natives;
 *   <li>{@code lib/test}: the GPU tests and JUnit;
 *   <li>{@code bin}: the commands.
 * </ul>
 *
 * <p>The archive is one solid xz stream over all of it, whose window holds every file at once: the
 * jars and the runtime's classes share many names. Its bytes depend on nothing but its content.
 */
final class Bundle {
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.management",
          "java.xml",
          "jdk.incubator.vector",
          "jdk.unsupported");

  private static final Pattern OTHER_PLATFORMS =
      Pattern.compile(
          "native/lib/(?!linux-x86_64/|tokenizers.properties).*[^/]"
              + "|com/sun/jna/(?!linux-x86-64/)[a-z0-9]+-[a-z0-9-]+/.*"
              + "|org/jline/nativ/(?!Linux/x86_64/)[A-Z][A-Za-z]+/.*");

  /**
   * OptaPlanner reads XML configurations with JAXB, and DJL unpacks downloads with Commons
   * Compress; this program does neither. AssertJ makes proxies with Byte Buddy, which these tests
   * do without. Micrometer counts percentiles with HdrHistogram and LatencyUtils, if asked.
   */
  private static final Pattern NEVER_LOADED =
      Pattern.compile(
          "(jaxb-(core|runtime)|txw2|istack-commons-runtime|angus-activation"
              + "|jakarta[.]activation-api|commons-compress|byte-buddy|HdrHistogram|LatencyUtils)-.*[.]jar");

  /**
   * OptaPlanner takes random numbers, a distribution and combinatorics from Commons Math, and of
   * Micrometer's probes those of the Java machine's memory. DJL is here for its tokenizers alone,
   * and Commons CSV takes Base64 from Commons Codec.
   */
  private static final Pattern NEVER_LOADED_ENTRIES =
      Pattern.compile(
          "org/apache/commons/math3/(dfp|filter|fitting|genetics|geometry|linear|ml|ode|optim"
              + "|optimization|primes|stat|transform)/.*"
              + "|org/apache/commons/codec/(digest|language|net)/.*"
              + "|io/micrometer/core/instrument/binder/(?!jvm/)[a-z0-9]+/.*"
              + "|ai/djl/(engine/rust|nn|training|modality/(cv|audio))/.*"
              + "|nlp/.*[.]json"
              + "|META-INF/maven/.*");

  /**
   * Java's compiler of XSLT: XML is written here, never transformed. jlink wants a class to be left
   * of each package.
   */
  private static final String NEVER_LOADED_CLASSES =
      "regex:/java.xml/com/sun/org/apache/(bcel/internal/(classfile|generic)"
          + "|xalan/internal/xsltc/(compiler|dom))/(?!(Visitor|Closure|Filter)[.]class)[^/]*[.]class";

  /** A view of the runtime for other Javas, and what its own class archive would be made from. */
  private static final List<String> NOT_FOR_RUNNING = List.of("jrt-fs.jar", "classlist");

  /** The largest archive that is let through. */
  private static final long LIMIT_BYTES = 24_000_000;

  private static final Pattern DRIVER_BINDING = Pattern.compile("lib/(libJCudaDriver-.*)");

  private final Path project;
  private final Path output;
  private final Path archive;

  private Bundle(Path project, Path output, Path archive) {
    this.project = project;
    this.output = output;
    this.archive = archive;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var bundle = new Bundle(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    bundle.layOut();
    bundle.pack();
  }

  private void layOut() throws IOException, InterruptedException {
    if (Files.exists(output)) {
      deleteTree(output);
    }
    Files.createDirectories(output.resolve("lib/native"));
    Files.createDirectories(output.resolve("lib/test"));
    link();
    Path runtimeLib = output.resolve("runtime/lib");
    for (String file : NOT_FOR_RUNNING) {
      Files.delete(runtimeLib.resolve(file));
    }
    for (Path library : librariesBelow(runtimeLib)) {
      strip(library);
    }
    Path target = project.resolve("cli/target");
    var programJars = new ArrayList<>(jarsIn(target.resolve("app")));
    programJars.add(target.resolve("sparseplan-cli.jar"));
    for (Path jar : programJars) {
      if (jar.getFileName().toString().startsWith("jcuda-natives")) {
        extractBinding(jar);
      } else {
        store(jar, output.resolve("lib").resolve(jar.getFileName()));
      }
    }
    for (Path jar : jarsIn(target.resolve("app-test"))) {
      if (!Files.exists(output.resolve("lib").resolve(jar.getFileName()))) {
        store(jar, output.resolve("lib/test").resolve(jar.getFileName()));
      }
    }
    copyGpuTests(output.resolve("lib/test/classes"));
    copyTree(project.resolve("build-tools/bundle"), output);
    for (String document : List.of("README.md", "docs/gpu.md", "docs/cost-model.md")) {
      Path copy = output.resolve(document);
      Files.createDirectories(copy.getParent());
      Files.copy(project.resolve(document), copy);
    }
  }

  private void link() {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("This Java has no jlink."));
    int status =
        jlink.run(
            System.out,
            System.err,
            "--add-modules",
            String.join(",", MODULES),
            "--compress",
            "zip-0",
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--exclude-resources",
            NEVER_LOADED_CLASSES,
            "--output",
            output.resolve("runtime").toString());
    if (status != 0) {
      throw new IllegalStateException("jlink failed with " + status);
    }
  }

  private static List<Path> jarsIn(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .filter(file -> !NEVER_LOADED.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  private static List<Path> librariesBelow(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".so")).sorted().toList();
    }
  }

  private static byte[] stripped(byte[] library) throws IOException, InterruptedException {
    Path file = Files.createTempFile("library", ".so");
    try {
      Files.write(file, library);
      strip(file);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** Takes out the names that only debuggers read. */
  private static void strip(Path library) throws IOException, InterruptedException {
    finish(new ProcessBuilder("strip", "--strip-unneeded", library.toString()).inheritIO());
  }

  /** Runs GNU tar and xz, and refuses an archive above the limit. */
  private void pack() throws IOException, InterruptedException {
    var tar =
        new ProcessBuilder(
            "tar",
            "--create",
            "--format=gnu",
            "--sort=name",
            "--mtime=@0",
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "--mode=u=rwX,go=rX",
            "--directory=" + output.getParent(),
            output.getFileName().toString());
    // Machine code and class files are not aligned to words: no position bits, more of literals.
    var xz =
        new ProcessBuilder(
            "xz", "--stdout", "--threads=1", "--x86", "--lzma2=preset=9e,dict=128MiB,lc=4,pb=0");
    tar.redirectError(ProcessBuilder.Redirect.INHERIT);
    xz.redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(archive.toFile());
    finish(tar, xz);
    long bytes = Files.size(archive);
    System.out.printf("%s: %,d bytes%n", archive.getFileName(), bytes);
    if (bytes > LIMIT_BYTES) {
      throw new IllegalStateException(
          "%s has %,d bytes, at most %,d are allowed.%nMaybe a dependency is new: leave out what is never loaded."
              .formatted(archive, bytes, LIMIT_BYTES));
    }
  }

  private static void finish(ProcessBuilder... commands) throws InterruptedException {
    List<Process> processes;
    try {
      processes = ProcessBuilder.startPipeline(List.of(commands));
    } catch (IOException e) {
      throw new IllegalStateException(
          "A tool cannot be run: %s%nMaybe install binutils, GNU tar and xz."
              .formatted(e.getMessage()),
          e);
    }
    for (int i = 0; i < commands.length; i++) {
      int status = processes.get(i).waitFor();
      if (status != 0) {
        throw new IllegalStateException(
            "%s failed with %d".formatted(String.join(" ", commands[i].command()), status));
      }
    }
  }

  private static void store(Path jar, Path to) throws IOException, InterruptedException {
    try (var in = new ZipFile(jar.toFile());
        var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
      for (ZipEntry entry : in.stream().toList()) {
        if (entry.isDirectory()
            || OTHER_PLATFORMS.matcher(entry.getName()).matches()
            || NEVER_LOADED_ENTRIES.matcher(entry.getName()).matches()) {
          continue;
        }
        try (InputStream content = in.getInputStream(entry)) {
          byte[] bytes = content.readAllBytes();
          put(out, entry.getName(), entry.getName().endsWith(".so") ? stripped(bytes) : bytes);
        }
      }
    }
  }

  private void extractBinding(Path jar) throws IOException, InterruptedException {
    try (var in = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : in.stream().toList()) {
        var name = DRIVER_BINDING.matcher(entry.getName());
        if (name.matches()) {
          Path binding = output.resolve("lib/native").resolve(name.group(1));
          try (InputStream content = in.getInputStream(entry)) {
            Files.copy(content, binding);
          }
          strip(binding);
        }
      }
    }
  }

  /** As a directory: to look into a jar for tests, JUnit needs a module more. */
  private void copyGpuTests(Path to) throws IOException {
    Path tests = project.resolve("profiler/target/test-classes/io/sparseplan/profiler");
    Path copies = to.resolve("io/sparseplan/profiler");
    if (!Files.isDirectory(tests.resolve("gpu"))) {
      throw new IllegalStateException(
          "The tests (%s) were not compiled.%nMaybe build with -DskipTests and not with -Dmaven.test.skip."
              .formatted(tests.resolve("gpu")));
    }
    for (String needed : List.of("gpu", "architectures")) {
      copyTree(tests.resolve(needed), copies.resolve(needed));
    }
    for (String needed :
        List.of("ArchitectureFixture.class", "Difference.class", "PackedReference.class")) {
      Files.copy(tests.resolve(needed), copies.resolve(needed));
    }
  }

  /** An entry that is the same whenever it is made. */
  private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTime(0);
    entry.setSize(content.length);
    var crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
