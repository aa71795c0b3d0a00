/** A call to the volume failed in a way that ends the claim. The command turns it into a BarnabasError. */
export class VolumeFailure extends Error {
  readonly doing: string;
  readonly path: string;
  readonly errno: string;

  constructor(doing: string, path: string, errno: string) {
    super(`cannot ${doing} ${path}: ${errno}`);
    this.name = 'VolumeFailure';
    this.doing = doing;
    this.path = path;
    this.errno = errno;
  }
}

/** Something on the volume is not what we would have put there, so nothing is touched. */
export class AlienVolume extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AlienVolume';
  }
}
