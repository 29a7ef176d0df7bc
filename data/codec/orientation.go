package codec

import (
	"bytes"

	"github.com/bep/imagemeta"
)

var metadataFormats = map[string]imagemeta.ImageFormat{
	"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP,
}

// orientation returns the EXIF orientation of a picture, 1 to 8. It is 1 where
// there is none or the metadata is damaged: the pixels are worth having anyway.
func orientation(b []byte, format string) int {
	kind, ok := metadataFormats[format]
	if !ok {
		return 1
	}
	found := 1
	isOrientation := func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" }
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: isOrientation,
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				found = int(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}
