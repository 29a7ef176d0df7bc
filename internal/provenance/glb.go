package provenance

import (
	"encoding/json"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
)

// A GLB holds label and statement in a packet of the extension KHR_xmp_json_ld, which is XMP as
// JSON-LD (ISO 16684-3); the packet describes the asset.
type glbFile struct{}

const (
	gltfXMP      = "KHR_xmp_json_ld"
	ldContext    = "@context"
	ldStatement  = "Iptc4xmpExt:DigitalSourceType"
	ldLabel      = "atelier:label"
	gltfAsset    = "asset"
	gltfUsed     = "extensionsUsed"
	gltfExtended = "extensions"
)

// A jsonObject keeps what it does not know as it is.
type jsonObject map[string]json.RawMessage

// into decodes a property, if there is one.
func (o jsonObject) into(key string, v any) error {
	if raw, ok := o[key]; ok {
		if err := json.Unmarshal(raw, v); err != nil {
			return badinput.Errorf("the GLB is damaged: %s cannot be read: %w", key, err)
		}
	}
	return nil
}

// set encodes a property.
func (o jsonObject) set(key string, v any) {
	o[key], _ = json.Marshal(v) // of strings, numbers and what was decoded: it does not fail
}

// xmpPackets are the packets of a GLB.
type xmpPackets struct {
	Packets []jsonObject `json:"packets"`
}

// xmpRef refers to a packet.
type xmpRef struct {
	Packet *int `json:"packet"`
}

func (glbFile) is(file []byte) bool { return mesh.IsGLB(file) }

// A gltfDocument is the JSON of a GLB with what of it holds packets.
type gltfDocument struct {
	root, asset, ofRoot, ofAsset jsonObject
	xmpPackets
	xmpRef
}

func (glbFile) opened(file []byte) (d gltfDocument, err error) {
	text, _, err := mesh.Chunks(file)
	if err != nil {
		return d, err
	}
	if json.Unmarshal(text, &d.root) != nil || d.root == nil {
		return d, badinput.Errorf("the GLB is damaged: its JSON cannot be read")
	}
	err = d.root.into(gltfAsset, &d.asset)
	for _, part := range []struct {
		of  *jsonObject
		key string
		to  any
	}{{&d.root, gltfExtended, &d.ofRoot}, {&d.asset, gltfExtended, &d.ofAsset}, {&d.ofRoot, gltfXMP, &d.xmpPackets}, {&d.ofAsset, gltfXMP, &d.xmpRef}} {
		if err == nil {
			err = part.of.into(part.key, part.to)
		}
	}
	return d, err
}

// packet describes the asset; nil if there is none.
func (d *gltfDocument) packet() jsonObject {
	if at := d.Packet; at != nil && *at >= 0 && *at < len(d.Packets) {
		return d.Packets[*at]
	}
	return nil
}

// put sets a property of an object that may not be there yet.
func (o *jsonObject) put(key string, v any) {
	if *o == nil {
		*o = jsonObject{}
	}
	o.set(key, v)
}

func (g glbFile) write(file []byte, source Source, label []byte) ([]byte, error) {
	d, err := g.opened(file)
	if err != nil {
		return nil, err
	}
	if d.packet() == nil {
		at := len(d.Packets)
		d.Packets, d.Packet = append(d.Packets, jsonObject{}), &at
	}
	packet, context := d.packet(), jsonObject{}
	if packet.into(ldContext, &context) != nil || context == nil {
		context = jsonObject{} // it was the address of one
	}
	context.set("Iptc4xmpExt", iptcSpace)
	context.set("atelier", labelSpace)
	packet.set(ldContext, context)
	packet.set(ldStatement, source.address())
	packet.set(ldLabel, string(label))
	d.ofRoot.put(gltfXMP, d.xmpPackets)
	d.ofAsset.put(gltfXMP, d.xmpRef)
	d.asset.put(gltfExtended, d.ofAsset)
	d.root.put(gltfAsset, d.asset)
	d.root.put(gltfExtended, d.ofRoot)
	var used []string
	if err := d.root.into(gltfUsed, &used); err != nil {
		return nil, err
	}
	if !slices.Contains(used, gltfXMP) {
		d.root.set(gltfUsed, append(used, gltfXMP))
	}
	text, err := json.Marshal(d.root)
	if err != nil {
		return nil, err
	}
	_, data, err := mesh.Chunks(file)
	return mesh.JoinChunks(text, data), err
}

func (g glbFile) read(file []byte) ([]byte, error) {
	d, err := g.opened(file)
	if err != nil || d.packet() == nil {
		return nil, err
	}
	var label string
	if err := d.packet().into(ldLabel, &label); err != nil || label == "" {
		return nil, err
	}
	return []byte(label), nil
}
