#include "shared/image/resample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace vitrine {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kPrecisionBits = 32 - 8 - 2;  // of a weight; leaves room for overshoot and rounding

// sin(pi x) for |x| <= 4 by range reduction and the Taylor series: libm's sin may differ between
// platforms in the last bit, and with it the pixels.
double SinPi(double x) {
  const double turns = std::floor(x + 0.5);
  const double t = (x - turns) * kPi;  // -pi/2..pi/2
  double term = t, sum = t;
  for (int i = 1; i <= 11; ++i) {
    term *= -t * t / (2 * i * (2 * i + 1));
    sum += term;
  }
  return static_cast<int>(turns) % 2 == 0 ? sum : -sum;
}

double Sinc(double x) { return x == 0 ? 1.0 : SinPi(x) / (kPi * x); }

double Support(ResampleFilter filter) {
  switch (filter) {
    case ResampleFilter::kNearest:
    case ResampleFilter::kBox:
      return 0.5;
    case ResampleFilter::kBilinear:
      return 1.0;
    case ResampleFilter::kBicubic:
      return 2.0;
    case ResampleFilter::kLanczos:
      return 3.0;
  }
  return 0;
}

double Weight(ResampleFilter filter, double x) {
  switch (filter) {
    case ResampleFilter::kNearest:
    case ResampleFilter::kBox:
      return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case ResampleFilter::kBilinear: {
      const double distance = x < 0 ? -x : x;
      return distance < 1 ? 1 - distance : 0.0;
    }
    case ResampleFilter::kBicubic: {  // Keys' cubic with a = -0.5
      constexpr double a = -0.5;
      const double d = x < 0 ? -x : x;
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0.0;
    }
    case ResampleFilter::kLanczos:
      return x >= -3 && x < 3 ? Sinc(x) * Sinc(x / 3) : 0.0;
  }
  return 0;
}

// Output i is the sum over j < count[i] of weight[i * stride + j] times input first[i] + j.
struct Weights {
  int stride = 0;
  std::vector<int> first, count;
  std::vector<int32_t> weight;
};

Weights MakeWeights(int in, int out, ResampleFilter filter) {
  const double scale = static_cast<double>(in) / out;
  const double filter_scale = std::max(scale, 1.0);
  const double support = Support(filter) * filter_scale;
  Weights weights;
  weights.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  weights.first.resize(static_cast<size_t>(out));
  weights.count.resize(static_cast<size_t>(out));
  weights.weight.resize(static_cast<size_t>(out) * static_cast<size_t>(weights.stride));
  std::vector<double> k(static_cast<size_t>(weights.stride));
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int count = std::min(in, static_cast<int>(center + support + 0.5)) - first;
    const double inverse = 1.0 / filter_scale;
    double total = 0;
    for (int j = 0; j < count; ++j) {
      k[static_cast<size_t>(j)] = Weight(filter, (j + first - center + 0.5) * inverse);
      total += k[static_cast<size_t>(j)];
    }
    int32_t* row = &weights.weight[static_cast<size_t>(i) * static_cast<size_t>(weights.stride)];
    for (int j = 0; j < count; ++j) {
      double value = k[static_cast<size_t>(j)];
      if (total != 0) value /= total;
      value *= 1 << kPrecisionBits;
      row[j] = static_cast<int32_t>(value < 0 ? value - 0.5 : value + 0.5);
    }
    weights.first[static_cast<size_t>(i)] = first;
    weights.count[static_cast<size_t>(i)] = count;
  }
  return weights;
}

uint8_t Clip8(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

Image ResizeRows(const Image& image, int width, ResampleFilter filter) {
  const Weights weights = MakeWeights(image.width, width, filter);
  Image out{width, image.height, {}};
  out.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(image.height) * 3);
  uint8_t* to = out.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row =
        image.pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(image.width) * 3;
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<size_t>(x);
      const int32_t* k = &weights.weight[i * static_cast<size_t>(weights.stride)];
      const uint8_t* from = row + static_cast<size_t>(weights.first[i]) * 3;
      int32_t r = kHalf, g = kHalf, b = kHalf;
      for (int j = 0; j < weights.count[i]; ++j, from += 3) {
        r += from[0] * k[j];
        g += from[1] * k[j];
        b += from[2] * k[j];
      }
      *to++ = Clip8(r);
      *to++ = Clip8(g);
      *to++ = Clip8(b);
    }
  }
  return out;
}

Image ResizeColumns(const Image& image, int height, ResampleFilter filter) {
  const Weights weights = MakeWeights(image.height, height, filter);
  const size_t row_size = static_cast<size_t>(image.width) * 3;
  Image out{image.width, height, {}};
  out.pixels.resize(row_size * static_cast<size_t>(height));
  std::vector<int32_t> sums(row_size);
  for (int y = 0; y < height; ++y) {
    const auto i = static_cast<size_t>(y);
    const int32_t* k = &weights.weight[i * static_cast<size_t>(weights.stride)];
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int j = 0; j < weights.count[i]; ++j) {
      const uint8_t* from =
          image.pixels.data() + static_cast<size_t>(weights.first[i] + j) * row_size;
      const int32_t weight = k[j];
      for (size_t x = 0; x < row_size; ++x) sums[x] += from[x] * weight;
    }
    uint8_t* to = out.pixels.data() + i * row_size;
    for (size_t x = 0; x < row_size; ++x) to[x] = Clip8(sums[x]);
  }
  return out;
}

// As Pillow's affine transform without a filter: positions are summed up, not multiplied out.
Image ResizeNearest(const Image& image, int width, int height) {
  const double step_x = static_cast<double>(image.width) / width;
  const double step_y = static_cast<double>(image.height) / height;
  Image out{width, height, {}};
  out.pixels.reserve(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  double at_y = step_y * 0.5;
  for (int y = 0; y < height; ++y, at_y += step_y) {
    const auto from_y = static_cast<size_t>(std::min(static_cast<int>(at_y), image.height - 1));
    double at_x = step_x * 0.5;
    for (int x = 0; x < width; ++x, at_x += step_x) {
      const auto from_x = static_cast<size_t>(std::min(static_cast<int>(at_x), image.width - 1));
      const uint8_t* from = &image.pixels[(from_y * static_cast<size_t>(image.width) + from_x) * 3];
      out.pixels.insert(out.pixels.end(), from, from + 3);
    }
  }
  return out;
}

}  // namespace

Image Resize(const Image& image, int width, int height, ResampleFilter filter) {
  assert(image.width > 0 && image.height > 0 && width > 0 && height > 0);
  if (width == image.width && height == image.height) return image;
  if (filter == ResampleFilter::kNearest) return ResizeNearest(image, width, height);
  if (width == image.width) return ResizeColumns(image, height, filter);
  if (height == image.height) return ResizeRows(image, width, filter);
  return ResizeColumns(ResizeRows(image, width, filter), height, filter);
}

Image Crop(const Image& image, int left, int top, int width, int height) {
  Image out{width, height, {}};
  out.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  const int begin = std::max(0, -left), end = std::min(width, image.width - left);
  for (int y = std::max(0, -top); y < std::min(height, image.height - top) && begin < end; ++y) {
    const size_t from = (static_cast<size_t>(y + top) * static_cast<size_t>(image.width) +
                         static_cast<size_t>(begin + left)) *
                        3;
    const size_t to =
        (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(begin)) * 3;
    std::memcpy(&out.pixels[to], &image.pixels[from], static_cast<size_t>(end - begin) * 3);
  }
  return out;
}

}  // namespace vitrine
