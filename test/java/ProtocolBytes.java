import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** For each line `NAME VERSION JSON`: the bytes that Kafka's own classes write for that message, in hexadecimal. */
public class ProtocolBytes {
  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] words = line.split(" ", 3);
      try {
        System.out.println(write(words[0], Short.parseShort(words[1]), words[2]));
      } catch (Exception e) {
        System.err.println(words[0] + " " + words[1] + ": " + (e.getCause() == null ? e : e.getCause()));
        System.exit(1);
      }
    }
  }

  private static String write(String name, short version, String json) throws Exception {
    Class<?> converter = Class.forName("org.apache.kafka.common.message." + name + "DataJsonConverter");
    Object read =
        converter.getMethod("read", JsonNode.class, short.class).invoke(null, new ObjectMapper().readTree(json), version);
    Message message = (Message) read;
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(bytes), cache, version);
    return HexFormat.of().formatHex(bytes.array());
  }
}
