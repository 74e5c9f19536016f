"""Solid figures that come with gradio, drawn as a camera sees them: a duck, a fox, a rabbit.

A figure is a mesh: points in space, and triangles between them. Each triangle is turned, projected and filled; what
stands in front hides what is behind (a depth buffer); how light a spot is depends on the angle between the surface and
the light (Lambert 1760).

Duck and fox are sample models of glTF (the fox, CC BY 4.0, is by PixelMannen, tomkranis, AsoboStudio and scurest), the
rabbit is a scan of Stanford's. Read next: `animals.py`.
"""

import base64
import functools
import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

SIDE = 900  # pixels of the square that a figure is drawn in
LIGHT = np.array((-0.45, 0.75, 0.5)) / np.linalg.norm((-0.45, 0.75, 0.5))  # towards the light: left, above, in front
KINDS = {5126: "<f4", 5125: "<u4", 5123: "<u2"}  # glTF's numbers for types
PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@dataclass(frozen=True)
class Mesh:
    """A surface.

    Args:
        points: [n, 3], in [-1, 1]: right, up, towards the viewer.
        triangles: [t, 3] indices of points.
        colours: [n, 3] in [0, 1] of every point; or, with `places`, a picture [h, w, 3] that is stretched over it.
        places: [n, 2] where in the picture every point lies, in [0, 1].
    """

    points: np.ndarray
    triangles: np.ndarray
    colours: np.ndarray
    places: np.ndarray | None = None


@functools.cache
def load_mesh(name: str, colour: tuple[float, float, float] = (1, 1, 1)) -> Mesh:
    """A figure of gradio's: .obj (points and triangles as text) or glTF with its picture (.glb, .gltf)."""
    data = Path(gr.media.get_model3d(name)).read_bytes()
    return read_obj(data.decode(), colour) if name.endswith(".obj") else read_gltf(data)


def read_obj(text: str, colour: tuple[float, float, float]) -> Mesh:
    """Lines "v x y z" are points, lines "f a b c" triangles, counted from 1; the colour varies a little."""
    lines = [line.split() for line in text.splitlines()]
    points = np.array([line[1:4] for line in lines if line[:1] == ["v"]], float)
    faces = [[int(corner.split("/")[0]) - 1 for corner in line[1:4]] for line in lines if line[:1] == ["f"]]
    uneven = 1 + 0.1 * np.random.default_rng(0).normal(size=(len(points), 1))
    return Mesh(centred(points), np.array(faces), uneven * colour)


def read_gltf(data: bytes) -> Mesh:
    """The first mesh of a glTF 2.0 file, the binary form or the one in plain JSON."""
    if data[:4] == b"glTF":  # header of 12 bytes, then chunks: length, kind, content
        (length,) = struct.unpack("<I", data[12:16])
        tree, buffers = json.loads(data[20 : 20 + length]), [data[28 + length :]]
    else:
        tree = json.loads(data)
        buffers = [base64.b64decode(buffer["uri"].split(",")[1]) for buffer in tree["buffers"]]
    part = tree["meshes"][0]["primitives"][0]
    points = numbers(tree, buffers, part["attributes"]["POSITION"]).astype(float)
    order = numbers(tree, buffers, part["indices"]) if "indices" in part else np.arange(len(points))
    view = tree["bufferViews"][tree["images"][0]["bufferView"]] if "bufferView" in tree["images"][0] else None
    start = view.get("byteOffset", 0) if view else 0
    picture = buffers[view["buffer"]][start : start + view["byteLength"]] if view else in_uri(tree["images"][0]["uri"])
    colours = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")) / 255
    return Mesh(
        centred(points), order.reshape(-1, 3), colours, numbers(tree, buffers, part["attributes"]["TEXCOORD_0"])
    )


def in_uri(uri: str) -> bytes:
    """What a data URI holds."""
    return base64.b64decode(uri.split(",")[1])


def numbers(tree: dict[str, Any], buffers: list[bytes], index: int) -> np.ndarray:
    """The array [count, parts] (or [count]) that an accessor of the file describes."""
    accessor = tree["accessors"][index]
    view = tree["bufferViews"][accessor["bufferView"]]
    kind, parts = np.dtype(KINDS[accessor["componentType"]]), PARTS[accessor["type"]]
    size = kind.itemsize * parts
    start, step = view.get("byteOffset", 0) + accessor.get("byteOffset", 0), view.get("byteStride", size)
    raw = buffers[view["buffer"]]
    rows = b"".join(raw[start + i * step : start + i * step + size] for i in range(accessor["count"]))
    return np.frombuffer(rows, kind).reshape(-1, parts) if parts > 1 else np.frombuffer(rows, kind)


def centred(points: np.ndarray) -> np.ndarray:
    """Points moved to the middle and scaled into [-1, 1]."""
    middle = (points.max(0) + points.min(0)) / 2
    return (points - middle) / np.abs(points - middle).max()


def normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """The direction that the surface faces at every point, [n, 3]: the mean over the triangles that meet there."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    flat = np.cross(b - a, c - a)  # [t, 3]
    _, same = np.unique(points.round(4), axis=0, return_inverse=True)  # a point may be stored once for each triangle
    total = np.zeros((same.max() + 1, 3))
    for i in range(3):
        np.add.at(total, same.ravel()[triangles[:, i]], flat)
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9))[same.ravel()]


def seen(mesh: Mesh, turn: float, tilt: float = 0.12, ambient: float = 0.42, shine: float = 0.0) -> Image.Image:
    """The figure from one side, cut to its own box: RGBA.

    Args:
        turn: degrees around the upright axis; tilt: radians that the camera looks down.
        ambient: light in the shade, in [0, 1].
        shine: strength of the highlight (Blinn 1977).
    """
    c, s, ct, st = np.cos(np.radians(turn)), np.sin(np.radians(turn)), np.cos(tilt), np.sin(tilt)
    points = mesh.points @ (np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]]) @ [[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
    facing = normals(points, mesh.triangles)
    screen = np.stack([SIDE / 2 * (1 + 0.7 * points[:, 0]), SIDE / 2 * (1 - 0.7 * points[:, 1]), points[:, 2]], 1)
    depth, pixels = np.full((SIDE, SIDE), -np.inf), np.zeros((SIDE, SIDE, 4), np.uint8)
    half = (LIGHT + (0, 0, 1)) / np.linalg.norm(LIGHT + (0, 0, 1))
    for triangle in mesh.triangles[turned_to_us(screen[mesh.triangles])]:
        rows, columns, weights = covered(screen[triangle], depth)
        if len(rows):
            normal = weights @ facing[triangle]
            normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
            light = ambient + (1.05 - ambient) * np.clip(normal @ LIGHT, 0, 1) + 0.18 * np.clip(normal[:, 1], 0, 1)
            colour = coloured(mesh, triangle, weights) * light[:, None]
            colour += shine * np.clip(normal @ half, 0, 1)[:, None] ** 40
            pixels[rows, columns, :3], pixels[rows, columns, 3] = 255 * colour.clip(0, 1), 255
    picture = Image.fromarray(pixels)
    return picture.crop(picture.getbbox())


def turned_to_us(corners: np.ndarray) -> np.ndarray:
    """Which triangles [t, 3, 3] show their outer side, where the corners run against the clock: bool [t]."""
    (ax, ay, _), (bx, by, _), (cx, cy, _) = corners.transpose(1, 2, 0)
    return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay) < 0  # y points down


def covered(corners: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels of a triangle [3, 3] that nothing hides: rows, columns, and the weights of the corners there [p, 3].

    A pixel lies inside where all three barycentric weights are >= 0. `depth` takes the new distances in.
    """
    (x0, y0), (x1, y1) = np.floor(corners[:, :2].min(0)).astype(int), np.ceil(corners[:, :2].max(0)).astype(int)
    rows, columns = (a.ravel() for a in np.mgrid[y0 : y1 + 1, x0 : x1 + 1])
    (ax, ay, _), (bx, by, _), (cx, cy, _) = corners
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(area) < 1e-9:
        return rows[:0], columns[:0], np.zeros((0, 3))
    b = ((columns - ax) * (cy - ay) - (cx - ax) * (rows - ay)) / area
    c = ((bx - ax) * (rows - ay) - (columns - ax) * (by - ay)) / area
    weights = np.stack([1 - b - c, b, c], 1)
    z = weights @ corners[:, 2]
    inside = (weights > -1e-6).all(1) & (z > depth[rows, columns])
    depth[rows[inside], columns[inside]] = z[inside]
    return rows[inside], columns[inside], weights[inside]


def coloured(mesh: Mesh, triangle: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The colour of the surface at places of a triangle, [p, 3]."""
    if mesh.places is None:
        return weights @ mesh.colours[triangle]
    height, width = mesh.colours.shape[:2]
    u, v = (weights @ mesh.places[triangle]).T
    return mesh.colours[(v * height).astype(int) % height, (u * width).astype(int) % width]
