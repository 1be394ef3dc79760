"""WAV files of every width, made by SciPy, by the standard library and by hand."""

import struct
import wave

import numpy as np
import pytest
from scipy.io import wavfile

from convviz.cli import main
from convviz.files.errors import FileError
from convviz.files.read import read_array, read_piped

RATE = 8000
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
ULAW, ADPCM = 7, 2
REST_OF_GUID = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
SAMPLES = np.array([0.5, -1, 0, 0.25, -0.125])


def header(coding, bits, channels=1, rate=RATE):
    frame = channels * bits // 8
    return struct.pack("<HHIIHH", coding, channels, rate, rate * frame, frame, bits)


def extensible(coding, bits):
    """The longer header, in which the coding is the beginning of a GUID."""
    added = struct.pack("<HHIH", 22, bits, 4, coding) + REST_OF_GUID
    return header(EXTENSIBLE, bits) + added


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks):
    return chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def wav(head, data, *between):
    return riff(chunk(b"fmt ", head), *between, chunk(b"data", data))


def as_bytes(bits):
    """SAMPLES as integers of so many bits, of which 8 are unsigned."""
    whole = (SAMPLES * 2 ** (bits - 1)).astype(np.int64) + (128 if bits == 8 else 0)
    return b"".join(int(n).to_bytes(bits // 8, "little", signed=bits > 8) for n in whole)


@pytest.fixture
def reading(tmp_path):
    """Write bytes into a WAV file and read it."""

    def read(data, name="a.wav"):
        (tmp_path / name).write_bytes(data)
        return read_array(tmp_path / name)

    return read


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("head", [header, extensible])
def test_integers_become_numbers_from_minus_1_to_1(reading, bits, head):
    found = reading(wav(head(PCM, bits), as_bytes(bits)))
    assert found.array.tolist() == SAMPLES.tolist()
    assert found.notices == ("8,000 samples per second",)
    assert found.is_signal


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("head", [header, extensible])
def test_floats_stay_as_they_are(reading, dtype, head):
    numbers = np.append(SAMPLES, 1.5).astype(dtype)
    found = reading(wav(head(FLOAT, 8 * numbers.itemsize), numbers.tobytes()))
    assert found.array.dtype == dtype
    assert found.array.tolist() == numbers.tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_files_by_scipy_are_read(tmp_path, dtype):
    made = np.arange(5).astype(dtype)
    wavfile.write(tmp_path / "a.wav", RATE, made)
    read = read_array(tmp_path / "a.wav").array
    steps = np.diff(read)
    assert np.allclose(steps, steps[0])
    assert len(read) == 5


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_files_by_the_standard_library_are_read(tmp_path, width):
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(RATE)
        file.writeframes(as_bytes(8 * width))
    assert read_array(path).array.tolist() == SAMPLES.tolist()


@pytest.mark.parametrize("size", [10 * RATE, 10 * RATE + 1, 25 * RATE])
def test_the_first_ten_seconds_are_taken_and_it_says_so(reading, size):
    samples = np.arange(size) % 1000
    found = reading(wav(header(PCM, 16), samples.astype("<i2").tobytes()))
    assert len(found.array) == 10 * RATE
    assert np.array_equal(found.array, samples[: 10 * RATE] / 2**15)
    told = f"the first 10 of {size / RATE:.1f} seconds"
    assert (told in found.notices) == (size > 10 * RATE)


def test_of_several_channels_the_first_is_taken_and_it_says_so(reading):
    both = np.array([[1, -7], [2, -8], [3, -9]], "<i2")
    found = reading(wav(header(PCM, 16, channels=2), both.tobytes()))
    assert (found.array * 2**15).tolist() == [1, 2, 3]
    assert "the first of 2 channels" in found.notices


def test_what_is_told_beside_the_samples_does_not_matter(reading):
    notes = [chunk(b"LIST", b"INFOISFT\2\0\0\0x\0"), chunk(b"odd ", b"abc")]
    found = reading(wav(header(PCM, 16), as_bytes(16), *notes))
    assert found.array.tolist() == SAMPLES.tolist()


def test_numbers_of_big_endian_files_are_read(reading):
    head = struct.pack(">HHIIHH", PCM, 1, RATE, 2 * RATE, 2, 16)
    body = b"WAVEfmt " + struct.pack(">I", 16) + head + b"data" + struct.pack(">Ihh", 4, 2**14, 0)
    assert reading(b"RIFX" + struct.pack(">I", len(body)) + body).array.tolist() == [0.5, 0]


def test_a_file_that_breaks_off_gives_what_is_there_and_says_so(reading):
    whole = wav(header(PCM, 16), np.arange(100, dtype="<i2").tobytes())
    found = reading(whole[:-100])
    assert (found.array * 2**15).tolist() == list(range(50))
    assert "it breaks off before the end that it tells of" in found.notices


UNTOLD = "its header does not tell its length, so it is read to its end"
CUT = "it breaks off before the end that it tells of"
UNKNOWN_SIZES = [(0, 0), (36, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0, 0xFFFFFFFF), (0xFFFFFFFF, 0)]


def with_sizes(data, whole, samples):
    """The same file with other sizes in its header, of 44 bytes."""
    return data[:4] + struct.pack("<I", whole) + data[8:40] + struct.pack("<I", samples) + data[44:]


@pytest.mark.parametrize("sizes", [*UNKNOWN_SIZES, (0x7FFFF024, 0x7FFFF000)])
def test_a_stream_that_does_not_tell_its_length_is_read_to_its_end(reading, sizes):
    found = reading(with_sizes(wav(header(PCM, 16), as_bytes(16)), *sizes))
    assert found.array.tolist() == SAMPLES.tolist()
    assert found.notices == ("8,000 samples per second", UNTOLD)


def test_a_file_of_which_the_samples_alone_have_a_size_is_read(reading):
    found = reading(with_sizes(wav(header(PCM, 16), as_bytes(16)), 0, 10))
    assert found.array.tolist() == SAMPLES.tolist()
    assert found.notices == ("8,000 samples per second",)


def test_a_file_that_says_that_it_holds_no_samples_holds_none(reading):
    with pytest.raises(FileError, match="it holds no samples"):
        reading(riff(chunk(b"fmt ", header(PCM, 16)), chunk(b"data", b""), chunk(b"LIST", b"abcd")))


@pytest.mark.parametrize(("bits", "coding"), [(8, PCM), (16, PCM), (24, PCM), (32, FLOAT)])
@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("missing", [1, 2, 3, 7])
def test_a_file_cut_in_mid_frame_gives_its_whole_frames(reading, bits, coding, channels, missing):
    frame = channels * bits // 8
    data = wav(header(coding, bits, channels), bytes(40 * frame))[:-missing]
    found = reading(data)
    assert len(found.array) == 40 - -(-missing // frame)
    assert found.notices[-1] == CUT


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_big_endian_samples_of_every_width_are_read(reading, bits):
    whole = (SAMPLES * 2 ** (bits - 1)).astype(np.int64)
    samples = b"".join(int(n).to_bytes(bits // 8, "big", signed=True) for n in whole)
    head = struct.pack(">HHIIHH", PCM, 1, RATE, RATE * bits // 8, bits // 8, bits)
    body = b"WAVEfmt " + struct.pack(">I", 16) + head + b"data"
    body += struct.pack(">I", len(samples)) + samples
    found = reading(b"RIFX" + struct.pack(">I", len(body)) + body)
    assert found.array.tolist() == SAMPLES.tolist()


def test_the_samples_of_a_channel_are_its_own(reading):
    both = np.arange(30, dtype="<i2").reshape(-1, 3)
    found = reading(wav(header(PCM, 16, channels=3), both.tobytes()))
    assert (found.array * 2**15).tolist() == both[:, 0].tolist()


def test_samples_of_another_width_than_the_header_says_are_refused(reading):
    head = struct.pack("<HHIIHH", PCM, 2, RATE, RATE * 3, 3, 12)
    with pytest.raises(FileError, match="samples of 12 bits, 3 bytes for 2 channels, are not read"):
        reading(wav(head, bytes(30)))


def test_a_file_of_chunks_without_end_is_refused_soon(reading):
    with pytest.raises(FileError, match="it lacks its header, or its samples"):
        reading(riff(*[chunk(b"junk", b"")] * 200_000))


@pytest.mark.parametrize("name", ["a.wav", "a.dat", "a"])
def test_what_a_file_begins_with_makes_it_a_wav_file(reading, name):
    assert reading(wav(header(PCM, 16), as_bytes(16)), name).array.tolist() == SAMPLES.tolist()


def test_a_wav_file_may_be_piped():
    found = read_piped(wav(header(PCM, 16), as_bytes(16)), "standard input")
    assert found.array.tolist() == SAMPLES.tolist()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"Not a sound at all.", "it is damaged, or not a WAV file; save it again as WAV"),
        (b"RIFF\0\0\0\0WAVE", "it lacks its header, or its samples"),
        (riff(chunk(b"fmt ", header(PCM, 16))), "it lacks its header, or its samples"),
        (wav(header(PCM, 16), b""), "it holds no samples"),
        (wav(header(PCM, 16, channels=0), bytes(8)), "it lacks its header, or its samples"),
        (wav(header(PCM, 16, rate=0), bytes(8)), "it has 0 samples per second"),
        (wav(header(PCM, 16, rate=10**6), bytes(8)), "it has 1,000,000 samples per second"),
        (wav(header(ULAW, 8), bytes(8)), "its samples are compressed (MULAW); save it again"),
        (wav(header(ADPCM, 8), bytes(8)), "its samples are compressed (ADPCM); save it again"),
        (wav(header(FLOAT, 32), np.float32([0, np.nan]).tobytes()), "NaN or infinity"),
    ],
)
def test_what_cannot_be_heard_is_said_in_one_line(tmp_path, capsys, data, said):
    path = tmp_path / "bad.wav"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        read_array(path)
    assert said in str(caught.value)
    assert main(["compute", str(path), "-k", "difference"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"convviz: {path}: ")
    assert err.count("\n") == 1


def test_a_sound_is_convolved_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(header(PCM, 24), as_bytes(24)))
    assert main(["compute", str(path), "-k", "difference", "--mode", "full"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{np.convolve(SAMPLES, [1, -1])}\n"
    assert err == "convviz: a.wav: 8,000 samples per second\n"
