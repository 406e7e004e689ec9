"""Lyra 2: a camera flight out of one picture, and a 3D scene out of that flight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import (
    Advanced,
    Digits,
    IgnoredWhen,
    ImageIn,
    Input,
    Newer,
    Output,
    Prompt,
    SceneOut,
    SeedIn,
    VideoFileOut,
    VideoIn,
    too_small,
)
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import SEEN, Estimate, Price, no_price
from lib.media.facts import Facts

Trajectory = Literal["horizontal_zoom", "horizontal_zoom_bend", "spiral", "dolly_zoom", "orbit_horizontal", "back"]
# Not stated in the document, but each direction has its own two fields; unused ones can have no effect.
_OUT_ONLY = IgnoredWhen("zoom_direction", ("out",), "The camera only moves out.")
_IN_ONLY = IgnoredWhen("zoom_direction", ("in",), "The camera only moves in.")
_DMD = IgnoredWhen("use_dmd", (True,), "The fast sampler always takes 4 steps.")


class ZoomInput(Input):
    image_url: ImageIn = Field(
        description="URL of the input image. Lyra-2 hallucinates a video that starts from this image and moves the "
        "camera along the requested trajectory."
    )
    # The document's sentence breaks off after "prompts"; kept as it stands.
    prompt: Prompt = Field(description="Text prompt describing the scene. Best results come from prompts")
    zoom_direction: Literal["in", "out", "both"] = Field(
        "in",
        description="Whether to generate a zoom-in video (camera moves toward the subject), a zoom-out video (camera "
        "retreats), or a combined out-then-in video.",
    )
    # The default is printed as text ("81"), the example sends the number 81: the number is what goes out.
    num_frames: Annotated[Literal[81, 161, 241, 321, 401, 481], Digits] = Field(
        81,
        title="Number of frames per direction",
        description="Number of frames per direction. Each AR chunk produces 80 frames, and the loop emits an extra "
        "anchor frame at the start, so valid values are 81, 161, 241, 321, 401, 481.",
    )
    zoom_in_trajectory: Annotated[Trajectory, _OUT_ONLY] = Field(
        "orbit_horizontal",
        description="Camera-trajectory preset for the zoom-in direction. horizontal_zoom is a straight translation "
        "along the z-axis; horizontal_zoom_bend adds a slight arc; spiral produces a spiraling approach.",
    )
    # The document bounds none of the fields marked Newer: 0 to 2 here, 0 to 3 for the way out, 1 to 15, 1 to 100 and 8
    # to 24 below stand on the newer page (queue-protocol 7.4).
    zoom_in_strength: Annotated[float, Advanced(), Newer(), _OUT_ONLY] = Field(
        0.5, ge=0, le=2, description="Displacement scale for the zoom-in trajectory (relative to subject depth)."
    )
    zoom_out_trajectory: Annotated[Trajectory, _IN_ONLY] = Field(
        "horizontal_zoom", description="Camera-trajectory preset for the zoom-out direction."
    )
    zoom_out_strength: Annotated[float, Advanced(), Newer(), _IN_ONLY] = Field(
        1.5, ge=0, le=3, description="Displacement scale for the zoom-out trajectory."
    )
    resolution: Literal["480p", "720p"] = Field(
        "480p",
        description="Output resolution. 480p = 480x832, 720p = 720x1280. Higher resolutions take substantially longer "
        "to generate.",
    )
    use_dmd: Annotated[bool, Advanced()] = Field(
        True,
        title="Fast sampler (DMD)",
        description="Enable the upstream DMD distillation LoRA and 4-step scheduler for much faster generation. "
        "Disable for the higher-quality default Lyra-2 sampling path.",
    )
    guidance_scale: Annotated[float, Advanced(), Newer()] = Field(
        5, ge=1, le=15, description="Classifier-free guidance scale."
    )
    num_inference_steps: Annotated[int, Advanced(), Newer(), _DMD] = Field(
        28,
        ge=1,
        le=100,
        description="Number of denoising steps per frame chunk. Ignored when use_dmd is enabled because the DMD "
        "scheduler uses a fixed 4-step schedule.",
    )
    frames_per_second: Annotated[int, Advanced(), Newer()] = Field(
        16, ge=8, le=24, description="Frame rate of the output video."
    )
    seed: Annotated[SeedIn, Advanced()] = Field(
        None, description="Random seed for reproducibility. If not provided, a random seed is chosen."
    )


class ZoomOutput(Output):
    video: VideoFileOut = Field(description="The generated MP4 video.")
    seed: int = Field(description="The seed used for generation.")
    # The type Timings is not defined anywhere; the example shows stage names with seconds.
    timings: dict[str, float] | None = Field(None, description="Per-stage timing breakdown (seconds).")


def zoom_price(made: ZoomInput, facts: Mapping[str, Facts]) -> Price:
    """By 81 frames, per direction; from the older price for exactly these frames to the newer for begun blocks."""
    older, newer = ("0.20", "0.30") if made.resolution == "720p" else ("0.10", "0.15")
    directions = 2 if made.zoom_direction == "both" else 1
    return Estimate(
        Decimal(older) * directions * made.num_frames / 81,
        Decimal(newer) * directions * ((made.num_frames - 1) // 80),
        "official pages disagree by date: $0.15 per 81 frames at 480p and $0.30 at 720p; an older copy $0.10 and $0.20",
        SEEN,
    )


class SplatInput(Input):
    video_url: VideoIn = Field(
        description="URL of a Lyra-generated or Lyra-compatible exploration video. Best results come from videos "
        "produced by the /zoom endpoint."
    )
    max_frames: int = Field(
        161,
        title="Frames used at most",
        description="Maximum number of input frames to process. Additional frames are ignored to keep reconstruction "
        "latency and memory use bounded.",
    )
    da3_max_frames: Annotated[int, Advanced()] = Field(
        81,
        title="DA3 views at most",
        description="Maximum number of uniformly sampled views passed to the DA3 reconstruction stage.",
    )
    gs_down_ratio: int = Field(
        2,
        title="Splat downsampling",
        description="Gaussian-splat feature downsampling ratio. Higher values are usually faster and lighter but may "
        "reduce detail.",
    )
    render_chunk_size: Annotated[int, Advanced()] = Field(
        4, description="Number of views to render per chunk. Increase for speed if you have memory headroom."
    )
    use_da3_render_pose: Annotated[bool, Advanced()] = Field(
        True,
        title="Use DA3 render pose",
        description="Render with DA3-aligned predicted poses instead of raw VIPE poses.",
    )
    # No default is printed for the two below: not sent unless chosen.
    no_vipe: Annotated[bool | None, Advanced()] = Field(
        None,
        title="Skip VIPE",
        description="Skip VIPE pose estimation and let DA3 predict poses directly. Useful as a fallback when VIPE "
        "struggles, but usually less stable.",
    )
    vipe_full_mode: Annotated[
        bool | None, Advanced(), IgnoredWhen("no_vipe", (True,), "VIPE is skipped altogether.")
    ] = Field(
        None,
        title="VIPE full mode",
        description="Use VIPE full mode for pose estimation. Usually slower, but can help on harder camera motion.",
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "max_frames", "da3_max_frames", "gs_down_ratio", "render_chunk_size")


class SplatOutput(Output):
    video: VideoFileOut = Field(description="Rendered flythrough preview of the reconstructed scene.")
    scene_ply: SceneOut = Field(title="Scene", description="Reconstructed Gaussian scene in PLY format.")
    timings: dict[str, float] | None = Field(None, description="Per-stage timing breakdown (seconds).")
    # Marked as required, yet missing from the document's own example: a paid result is not refused over it.
    processed_frame_count: int | None = Field(
        None, description="Number of input frames used for reconstruction and rendering."
    )


ZOOM = Endpoint(
    id="fal-ai/lyra-2/zoom",
    title="Fly into a picture",
    about="Turn a single image into an explorable 3D-style video with camera-controlled motion.",
    family="lyra",
    input=ZoomInput,
    output=ZoomOutput,
    price=zoom_price,
    example={
        "image_url": "https://v3b.fal.media/files/b/0a972579/6NsCexuhSlD8gcFYlpr1K_00.png",
        "prompt": "A slow, steady horizontal orbit of the camera around the scene, focusing on the two massive "
        "galleons. The scene is a frozen tableau: the turquoise water is glass-like and motionless, the canvas sails "
        "are rigid, and the distant clouds are fixed in the golden sky. Every element, from the foreground wooden "
        "barrels and coiled ropes to the intricate coastal architecture, remains perfectly still. The warm, "
        "late-afternoon sunlight and soft shadows are permanent. As the camera advances, more of the harbor's stone "
        "buildings and the ships' wooden hulls are revealed, maintaining identical textures and colors. The entire "
        "world is locked in a silent, breathless moment with zero object or environmental movement.",
        "zoom_direction": "in",
        "num_frames": 81,
        "zoom_in_trajectory": "orbit_horizontal",
        "zoom_in_strength": 0.5,
        "zoom_out_trajectory": "horizontal_zoom",
        "zoom_out_strength": 1.5,
        "resolution": "480p",
        "use_dmd": True,
        "guidance_scale": 5,
        # Sent together with use_dmd, under which it is ignored: the document's example does so.
        "num_inference_steps": 28,
        "frames_per_second": 16,
    },
    source="document 001",
    decisions=(
        'num_frames: the default is printed as the text "81", the example sends the number; the number is sent.',
        "zoom_in_* and zoom_out_*: taken to have no effect when the camera does not move that way.",
        "prompt: the document's text breaks off in the middle of a sentence.",
        "Strengths, guidance, steps and frame rate: the document states no limits, so those of a newer page hold.",
    ),
)

SPLAT = Endpoint(
    id="fal-ai/lyra-2/splat",
    title="Rebuild as a 3D scene",
    about="Reconstruct a Gaussian scene, with a fly-through, from a camera flight.",
    family="lyra",
    input=SplatInput,
    output=SplatOutput,
    price=no_price("No price is published for this endpoint."),
    example={
        "video_url": "https://v3b.fal.media/files/b/0a972e2c/6ACGX02AxQXhC1t9BED4b_tmpoufr9iug.mp4",
        "max_frames": 161,
        "da3_max_frames": 81,
        "gs_down_ratio": 2,
        "render_chunk_size": 4,
        "use_da3_render_pose": True,
    },
    source="document 000",
    decisions=(
        "no_vipe and vipe_full_mode have no stated default; they are sent only when chosen.",
        "processed_frame_count is marked as required but missing from the example; a result without it is accepted.",
        "The document calls this an image-to-video model; its input is a video and its product a scene.",
    ),
)

FAMILY = Family(
    slug="lyra",
    title="Lyra 2",
    about="Fly a camera through a picture, then rebuild the flight as a 3D scene.",
    operations=(ZOOM, SPLAT),
)
