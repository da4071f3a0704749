package io.unshub.load;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The system's Chromium without a window, and somebody who waits for what they look for. */
public final class Browser implements AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome");

    private static final int MOST_STOPS = 80;

    // it knows some versions of Chromium by name, and warns of each other one
    private static final Logger VERSIONS = Logger.getLogger("org.openqa.selenium.devtools");
    private static final Logger CHROMIUM = Logger.getLogger("org.openqa.selenium.chromium");

    private final ChromeDriver driver;

    /** Opens it. */
    public Browser() {
        VERSIONS.setLevel(Level.OFF);
        CHROMIUM.setLevel(Level.OFF);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(program(NAMES));
        // the sandbox needs rights that root in a container has not
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--lang=en-GB");
        driver =
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(program(List.of("chromedriver")))
                                .usingAnyFreePort()
                                .build(),
                        options);
    }

    private static File program(List<String> names) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> names.stream().map(name -> new File(folder, name)))
                .filter(File::canExecute)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "%s is missing, which the tests of the console need; run: make tools"
                                                .formatted(names.get(0))));
    }

    /** Makes the window as large as that screen; below 700 points it is a phone. */
    public Browser screen(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        width,
                        "height",
                        height,
                        "deviceScaleFactor",
                        1,
                        "mobile",
                        width < 700));
        return this;
    }

    /** Says that its user likes the dark. */
    public Browser dark() {
        return scheme("dark");
    }

    /** Says which its user likes, light or dark. */
    public Browser scheme(String liked) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", liked))));
        return this;
    }

    public void open(String address) {
        driver.get(address);
    }

    /** Waits for the element that the CSS selector finds. */
    public WebElement see(String selector) {
        return await(By.cssSelector(selector));
    }

    /** Waits for the button or link of that name. */
    public WebElement named(String name) {
        return await(By.xpath("//*[self::button or self::a][normalize-space()='" + name + "']"));
    }

    private WebElement await(By what) {
        return Awaitility.await(what.toString())
                .atMost(LONG)
                .until(
                        () ->
                                driver.findElements(what).stream()
                                        .filter(WebElement::isDisplayed)
                                        .findFirst()
                                        .orElse(null),
                        element -> element != null);
    }

    /** Waits until the page says that, in one line or more. */
    public void reads(String text) {
        reads("body", text);
    }

    /** Waits until an element says that, in one line or more. */
    public void reads(String selector, String text) {
        Awaitility.await(selector + " reads " + text)
                .atMost(LONG)
                .ignoreExceptionsInstanceOf(WebDriverException.class)
                .until(
                        () ->
                                driver.findElement(By.cssSelector(selector))
                                        .getText()
                                        .replaceAll("\\s+", " ")
                                        .contains(text));
    }

    /** Waits for a rate of more than nothing. */
    public void rate() {
        Awaitility.await("a rate")
                .atMost(LONG)
                .until(() -> text(".unshub-figure").matches("[1-9][0-9.,]*/s"));
    }

    /** What an expression gives of a script's module. */
    public String ask(String script, String expression) {
        return (String)
                driver.executeAsyncScript(
                        "const done = arguments[arguments.length - 1];"
                                + "import('%s').then(module => done(String(%s)), fault => done(String(fault)))"
                                        .formatted(script, expression));
    }

    /** The text of an element as it is now. */
    public String text(String selector) {
        return see(selector).getText();
    }

    /** Presses keys, whatever has the focus. */
    public void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** Goes on by the tabulator until the focus is on what has that name. */
    public WebElement tabTo(String name) {
        List<String> passed = new ArrayList<>();
        while (!focusName().equals(name)) {
            if (passed.size() > MOST_STOPS) {
                throw new AssertionError("no key leads to " + name + ", but to " + passed);
            }
            press(Keys.TAB);
            passed.add(focusName());
        }
        WebElement focus = driver.switchTo().activeElement();
        if (focus.getCssValue("outline-style").equals("none")) {
            throw new AssertionError("nothing shows that " + name + " has the focus");
        }
        return focus;
    }

    private String focusName() {
        return driver.switchTo().activeElement().getAccessibleName();
    }

    /**
     * What somebody could not read or reach in a part of the page, by the rules of WCAG 2.1, levels
     * A and AA, that a program can look after.
     */
    @SuppressWarnings("unchecked")
    public List<String> barriers(String selector) {
        see(selector);
        driver.executeScript(axe());
        return (List<String>)
                driver.executeAsyncScript(
                        """
                        const done = arguments[1]
                        axe.run(arguments[0], {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(
                            found => done(found.violations.flatMap(({id, nodes}) =>
                                nodes.map(node => `${id}: ${node.html}: ${node.failureSummary}`))),
                            fault => done([String(fault)]))
                        """,
                        selector);
    }

    private static String axe() {
        try (InputStream script = Browser.class.getResourceAsStream("/axe.min.js")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the element with the focus says. */
    public String focus() {
        return driver.switchTo().activeElement().getText();
    }

    /** Whether there is such an element now. */
    public boolean has(String selector) {
        return !driver.findElements(By.cssSelector(selector)).isEmpty();
    }

    /** Waits until an element is within the width of the screen. */
    public void inView(String selector) {
        Awaitility.await(selector + " in view")
                .atMost(LONG)
                .until(
                        () ->
                                (Boolean)
                                        driver.executeScript(
                                                """
                                                const {left, right} = arguments[0].getBoundingClientRect()
                                                return left >= 0 && right <= window.screen.width
                                                """,
                                                see(selector)));
    }

    /** How much wider the page is than the screen, in points. */
    public long overflow() {
        return (Long)
                driver.executeScript(
                        "return document.documentElement.scrollWidth - window.screen.width");
    }

    /** Waits until a key has moved the page up or down. */
    public void scrolls(Keys key) {
        Object before = top();
        press(key);
        Awaitility.await("another part of the page")
                .atMost(LONG)
                .until(() -> !top().equals(before));
    }

    private Object top() {
        return driver.executeScript(
                "return '' + document.querySelector('.unshub').getBoundingClientRect().top");
    }

    /** The value that a style of the page's body has. */
    public String style(String selector, String property) {
        return see(selector).getCssValue(property);
    }

    /** Keeps what it shows. */
    public void photograph(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
