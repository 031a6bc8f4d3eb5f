// Decoding and resizing against the Pillow of this machine (Debian's python3-pil): every filter,
// many sizes, every kind of file. Skipped where there is no Pillow.
#include <cstdlib>

#include "indexer/embed/image_decode.h"
#include "indexer/support/files.h"
#include "shared/image/preprocess.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

// Writes files of every kind, "cases.txt" with lines "file fit filter width height expected", and
// the expected pixels.
constexpr const char* kScript = R"(
import random, sys
from PIL import Image, ImageOps
folder = sys.argv[1]
random.seed(5)

def noise(mode, size):
    image = Image.frombytes('RGB', size, random.randbytes(size[0] * size[1] * 3))
    if mode == 'RGBA': image.putalpha(Image.frombytes('L', size, random.randbytes(size[0] * size[1])))
    return image if mode in ('RGB', 'RGBA') else image.convert(mode)

def smooth(mode, size): return noise('RGB', (5, 4)).resize(size, Image.BICUBIC).convert(mode)

files = []
def save(name, image, **options):
    image.save(folder + '/' + name, **options)
    files.append(name)

save('plain.jpg', smooth('RGB', (90, 61)), quality=88)
save('progressive.jpg', smooth('RGB', (90, 61)), quality=70, progressive=True)
for kind, name in enumerate(('444', '422', '420')):
    save('sub%s.jpg' % name, noise('RGB', (37, 29)), quality=90, subsampling=kind)
save('grey.jpg', smooth('L', (40, 50)))
save('cmyk.jpg', smooth('RGB', (40, 50)).convert('CMYK'))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save('exif%d.jpg' % orientation, smooth('RGB', (33, 20)), exif=exif)
for mode in ('RGB', 'RGBA', 'L', 'LA', 'P', '1'):
    save('%s.png' % mode, noise('RGBA', (31, 23)).convert(mode))
palette = noise('RGB', (31, 23)).convert('P', palette=Image.ADAPTIVE, colors=9)
save('transparent.png', palette, transparency=3)
save('key.png', Image.new('RGB', (9, 9), (1, 2, 3)), transparency=(1, 2, 3))
save('grey_key.png', noise('L', (19, 9)), transparency=77)
save('lossless.webp', noise('RGBA', (31, 23)), lossless=True)
save('lossy.webp', smooth('RGB', (61, 43)), quality=80)
save('alpha.webp', smooth('RGB', (61, 43)).convert('RGBA'), quality=80)
save('moving.webp', smooth('RGB', (41, 33)), save_all=True, append_images=[noise('RGB', (41, 33))])

def rgb(name):
    image = ImageOps.exif_transpose(Image.open(folder + '/' + name))
    if image.mode in ('RGBA', 'LA', 'P') or 'transparency' in image.info:
        image = image.convert('RGBA')
        return Image.alpha_composite(Image.new('RGBA', image.size, (255, 255, 255, 255)), image).convert('RGB')
    return image.convert('RGB')

filters = {'nearest': Image.NEAREST, 'box': Image.BOX, 'bilinear': Image.BILINEAR,
           'bicubic': Image.BICUBIC, 'lanczos': Image.LANCZOS}
with open(folder + '/cases.txt', 'w') as cases:
    def case(name, filter, size, number, fit='squash'):
        image = rgb(name)
        if fit == 'pad': image = ImageOps.pad(image, size, filters[filter], (255, 255, 255))
        elif size: image = image.resize(size, filters[filter])
        open('%s/%d.rgb' % (folder, number), 'wb').write(image.tobytes())
        cases.write('%s %s %s %d %d %d\n' % (name, fit, filter, image.width, image.height, number))
    number = 0
    for name in files:
        case(name, 'box', None, number)
        number += 1
    save('source.png', noise('RGB', (97, 71)))
    for filter in filters:
        for size in [(1, 1), (224, 224), (7, 300), (300, 7), (97, 30), (30, 71), (96, 70), (98, 72), (13, 11)]:
            case('source.png', filter, size, number)
            number += 1
    for name in ('source.png', 'exif6.jpg', 'plain.jpg', 'grey.jpg'):
        for filter in filters:
            for size in [(224, 224), (31, 31), (32, 33), (60, 17), (97, 71)]:
                case(name, filter, size, number, 'pad')
                number += 1
)";

}  // namespace

TEST_CASE("pixels are Pillow's for every kind of file, filter and size") {
  if (std::system("/usr/bin/python3 -c 'from PIL import Image' >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: /usr/bin/python3 has no Pillow (scripts/setup.sh reference)");
    return;
  }
  TemporaryFolder folder;
  REQUIRE(WriteFileAtomically(folder / "make.py", std::string_view(kScript)).ok());
  REQUIRE(std::system(
              ("/usr/bin/python3 " + (folder / "make.py").string() + " " + folder.path().string())
                  .c_str()) == 0);
  const std::map<std::string, ResampleFilter> filters = {{"nearest", ResampleFilter::kNearest},
                                                         {"box", ResampleFilter::kBox},
                                                         {"bilinear", ResampleFilter::kBilinear},
                                                         {"bicubic", ResampleFilter::kBicubic},
                                                         {"lanczos", ResampleFilter::kLanczos}};
  std::ifstream cases(folder / "cases.txt");
  std::string name, fit, filter;
  int width = 0, height = 0, number = 0, compared = 0;
  while (cases >> name >> fit >> filter >> width >> height >> number) {
    CAPTURE(name);
    CAPTURE(fit);
    CAPTURE(filter);
    CAPTURE(width);
    CAPTURE(height);
    const auto image = DecodeImage(ReadFile(folder / name).value());
    REQUIRE_MESSAGE(image.ok(), image.error().message);
    const Bytes expected = ReadFile(folder / (std::to_string(number) + ".rgb")).value();
    ImagePreprocess preprocess;
    preprocess.fit = fit == "pad" ? ImagePreprocess::Fit::kPad : ImagePreprocess::Fit::kSquash;
    preprocess.width = width;
    preprocess.height = height;
    preprocess.filter = filters.at(filter);
    preprocess.crop_width = preprocess.crop_height = 0;
    const Image ours = ResizeAndCrop(image.value(), preprocess);
    REQUIRE(ours.pixels.size() == expected.size());
    size_t different = 0;
    for (size_t i = 0; i < expected.size(); ++i) different += ours.pixels[i] != expected[i];
    CHECK(different == 0);
    ++compared;
  }
  CHECK(compared > 170);
}
