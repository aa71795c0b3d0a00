import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** Reads properties as Kafka does (bytes are Latin-1), and prints each as two hexadecimal words of UTF-16, sorted. */
public class LoadProperties {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.load(new ByteArrayInputStream(System.in.readAllBytes()));
    properties.stringPropertyNames().stream().sorted().forEach(key ->
        System.out.println(hex(key) + "=" + hex(properties.getProperty(key))));
  }

  private static String hex(String text) {
    StringBuilder hex = new StringBuilder();
    for (byte unit : text.getBytes(StandardCharsets.UTF_16BE)) hex.append(String.format("%02x", unit));
    return hex.toString();
  }
}
