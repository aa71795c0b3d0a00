import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Takes a file's lock as Kafka takes that of a log dir, says whether it got it, and keeps it until its input ends. */
public class HoldLock {
  public static void main(String[] args) throws Exception {
    FileChannel channel =
        FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    System.out.println(channel.tryLock() != null ? "locked" : "busy");
    while (System.in.read() >= 0) {
      // Kept until then.
    }
    channel.close();
  }
}
