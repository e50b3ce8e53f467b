package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
)

// The hero picture's size in pixels. Stored as it is, it makes a file of 1.8 MB.
const (
	heroWidth  = 1024
	heroHeight = 576
)

// rgb is a colour, each part from 0 to 1.
type rgb [3]float64

func (c rgb) mix(o rgb, t float64) rgb {
	t = min(max(t, 0), 1)
	for i := range c {
		c[i] += (o[i] - c[i]) * t
	}
	return c
}

// heroPNG paints ranges of hills before an evening sky. Each version has hills
// and an hour of its own.
func heroPNG(seed uint64, version int) ([]byte, error) {
	r := rand.New(rand.NewPCG(seed, uint64(version)))
	hour := math.Mod(float64(version-1)*0.38, 1)
	top := rgb{.10, .13, .33}.mix(rgb{.23, .10, .35}, hour)
	low := rgb{.98, .62, .45}.mix(rgb{.93, .42, .52}, hour)
	near := rgb{.06, .08, .16}
	sunX, sunY := .25+.5*r.Float64(), .38+.12*r.Float64()

	const ranges = 5
	var hills [ranges][heroWidth]float64 // the height of each range's line, 0 at the top to 1
	for i := range hills {
		base := .50 + .10*float64(i)
		for octave := range 5 {
			k := math.Exp2(float64(octave)) * (1 + .3*r.Float64())
			phase, height := r.Float64()*2*math.Pi, .055/math.Exp2(float64(octave))
			for x := range heroWidth {
				hills[i][x] += height * math.Sin(2*math.Pi*k*float64(x)/heroWidth+phase)
			}
		}
		for x := range heroWidth {
			hills[i][x] += base
		}
	}

	img := image.NewNRGBA(image.Rect(0, 0, heroWidth, heroHeight))
	for y := range heroHeight {
		v := float64(y) / heroHeight
		sky := top.mix(low, math.Pow(v/.62, 1.6))
		for x := range heroWidth {
			first := ranges // the nearest range that hides all behind it
			for first--; first >= 0 && (v-hills[first][x])*heroHeight < 1; first-- {
			}
			c := sky
			if first < 0 {
				dx, dy := float64(x)/heroWidth-sunX, (v-sunY)*heroHeight/heroWidth
				d := math.Sqrt(dx*dx + dy*dy)
				c = c.mix(rgb{1, .86, .62}, .75*math.Exp(-d*9))
				c = c.mix(rgb{1, .95, .82}, (.052-d)*400)
			}
			for i := max(first, 0); i < ranges; i++ {
				over := (v - hills[i][x]) * heroHeight // pixels below the line
				if over <= 0 {
					continue
				}
				far := 1 - float64(i+1)/ranges
				hill := near.mix(low.mix(top, .35), far*.85)
				hill = hill.mix(low, far*.45*math.Exp(-over/90))
				c = c.mix(hill, over)
			}
			grain := (r.Float64() - .5) * .018
			img.SetNRGBA(x, y, color.NRGBA{level(c[0] + grain), level(c[1] + grain), level(c[2] + grain), 255})
		}
	}
	return storedPNG(img)
}

// storedPNG encodes without compression: quickly, and to the same bytes with
// every version of Go's compressor.
func storedPNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img)
	return b.Bytes(), err
}

func level(v float64) uint8 { return uint8(255 * min(max(v, 0), 1)) }
