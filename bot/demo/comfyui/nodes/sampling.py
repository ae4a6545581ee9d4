"""Sampler nodes: they paint instead of denoising, step by step and with previews."""

from dataclasses import dataclass, replace

from PIL import Image

from bot.demo.comfyui.caption import add_caption
from bot.demo.comfyui.nodes.spec import Node, choice, link, real, seed, whole
from bot.demo.comfyui.painter import Brief, emerging, paint
from bot.demo.comfyui.pixels import remap
from bot.demo.comfyui.values import Conditioning, Guider, Inputs, Latent, Model, Outcome, Sigmas, Surroundings

SAMPLERS = (
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2",
    "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm",
    "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2",
    "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2",
)  # fmt: skip
SCHEDULERS = (
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal", "linear_quadratic",
    "kl_optimal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """What a sampler is to paint; `first` and `last` bound the steps it really takes."""

    brief: Brief
    latent: Latent
    first: int
    last: int
    denoise: float


def run_task(around: Surroundings, task: Task) -> Outcome:
    """Paint, tell of every step, and return the latent with its pictures."""
    steps = max(0, task.last - task.first)
    if steps == 0:
        return Outcome((task.latent, task.latent))
    goal = painted(task, 0)
    for step in range(1, steps + 1):
        around.sleep(1)
        around.progress(step, steps, emerging(goal, task.brief, step / steps))
    pictures = [goal]
    for number in range(1, task.latent.batch):
        around.check()
        pictures.append(painted(task, number))
    done = replace(task.latent, pictures=tuple(pictures))
    return Outcome((done, done))


def painted(task: Task, index: int) -> Image.Image:
    """Return one finished picture: paint over the source as far as denoise and mask allow."""
    latent = task.latent
    moment = index / latent.batch if latent.video else 0.0
    number = 0 if latent.video else index
    fresh = paint(task.brief, latent.width, latent.height, index=number, moment=moment)
    source = latent.pictures[min(index, len(latent.pictures) - 1)].convert("RGB") if latent.pictures else None
    if source is not None and latent.mask is None:
        fresh = Image.blend(source, fresh, min(0.8, 0.75 * task.denoise))
    area = remap(latent.mask, [255 if value > 127 else 0 for value in range(256)]) if latent.mask else None
    add_caption(fresh, task.brief.prompt, area.getbbox() if area else None)
    if source is not None and area is not None:
        return Image.composite(fresh, source, area)
    return fresh


def brief_for(model: Model, positive: Conditioning, negative: Conditioning | None, number: int, steps: int,
              detail: str) -> Brief:  # fmt: skip
    """Return the painter's brief."""
    names = "+".join((model.name, *(f"{name}:{strength:g}" for name, strength in model.loras)))
    return Brief(positive.text, negative.text if negative else "", number, names, steps, detail)


def sampler(around: Surroundings, inputs: Inputs) -> Outcome:
    steps, denoise = int(inputs["steps"]), float(inputs["denoise"])
    detail = f"{float(inputs['cfg']):g} {inputs['sampler_name']} {inputs['scheduler']} {inputs['positive'].guidance}"
    brief = brief_for(
        inputs["model"], inputs["positive"], inputs["negative"], int(inputs["seed"]), steps, detail
    )
    last = steps if denoise > 0 else 0
    return Outcome(run_task(around, Task(brief, inputs["latent_image"], 0, last, denoise)).values[:1])


def sampler_advanced(around: Surroundings, inputs: Inputs) -> Outcome:
    steps = int(inputs["steps"])
    first, last = min(int(inputs["start_at_step"]), steps), min(int(inputs["end_at_step"]), steps)
    detail = f"{float(inputs['cfg']):g} {inputs['sampler_name']} {inputs['scheduler']}"
    number = int(inputs["noise_seed"])
    brief = brief_for(inputs["model"], inputs["positive"], inputs["negative"], number, steps, detail)
    task = Task(brief, inputs["latent_image"], first, last, 1 - first / steps)
    return Outcome(run_task(around, task).values[:1])


def custom(around: Surroundings, inputs: Inputs) -> Outcome:
    guider: Guider = inputs["guider"]
    sigmas: Sigmas = inputs["sigmas"]
    detail = f"{guider.cfg:g} {inputs['sampler']} {sigmas.scheduler} {guider.positive.guidance}"
    brief = brief_for(
        guider.model, guider.positive, guider.negative, int(inputs["noise"]), sigmas.steps, detail
    )
    return run_task(around, Task(brief, inputs["latent_image"], 0, sigmas.steps, sigmas.denoise))


def basic_guider(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Guider(inputs["model"], inputs["conditioning"]),))


def cfg_guider(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Guider(inputs["model"], inputs["positive"], inputs["negative"], float(inputs["cfg"])),))


def schedule(around: Surroundings, inputs: Inputs) -> Outcome:
    denoise = float(inputs["denoise"])
    steps = int(inputs["steps"]) if denoise > 0 else 0
    return Outcome((Sigmas(steps, str(inputs["scheduler"]), denoise),))


def select(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((str(inputs["sampler_name"]),))


def noise(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((int(inputs["noise_seed"]),))


STEPS, CFG = whole(20, 1, 10000, None), real(8.0, 0.0, 100.0, 0.1, round=0.01)
GUIDED = {"positive": link("CONDITIONING"), "negative": link("CONDITIONING")}
HOW = {"sampler_name": choice(*SAMPLERS), "scheduler": choice(*SCHEDULERS)}
CUSTOM = "sampling/custom_sampling"
MODULE = "comfy_extras.nodes_custom_sampler"
NODES = (
    Node(
        "KSampler", sampler,
        {
            "model": link("MODEL"), "seed": seed(), "steps": STEPS, "cfg": CFG, **HOW, **GUIDED,
            "latent_image": link("LATENT"), "denoise": real(1.0, 0.0, 1.0),
        },
        ("LATENT",), "sampling", "KSampler",
    ),
    Node(
        "KSamplerAdvanced", sampler_advanced,
        {
            "model": link("MODEL"), "add_noise": choice("enable", "disable"), "noise_seed": seed(),
            "steps": STEPS, "cfg": CFG, **HOW, **GUIDED, "latent_image": link("LATENT"),
            "start_at_step": whole(0, 0, 10000, None), "end_at_step": whole(10000, 0, 10000, None),
            "return_with_leftover_noise": choice("disable", "enable"),
        },
        ("LATENT",), "sampling", "KSampler (Advanced)",
    ),
    Node(
        "SamplerCustomAdvanced", custom,
        {
            "noise": link("NOISE"), "guider": link("GUIDER"), "sampler": link("SAMPLER"),
            "sigmas": link("SIGMAS"), "latent_image": link("LATENT"),
        },
        ("LATENT", "LATENT"), CUSTOM, "SamplerCustomAdvanced",
        output_names=("output", "denoised_output"), module=MODULE,
    ),
    Node(
        "BasicGuider", basic_guider, {"model": link("MODEL"), "conditioning": link("CONDITIONING")},
        ("GUIDER",), f"{CUSTOM}/guiders", "BasicGuider", module=MODULE,
    ),
    Node(
        "CFGGuider", cfg_guider, {"model": link("MODEL"), **GUIDED, "cfg": CFG},
        ("GUIDER",), f"{CUSTOM}/guiders", "CFGGuider", module=MODULE,
    ),
    Node(
        "BasicScheduler", schedule,
        {
            "model": link("MODEL"), "scheduler": choice(*SCHEDULERS), "steps": STEPS,
            "denoise": real(1.0, 0.0, 1.0),
        },
        ("SIGMAS",), f"{CUSTOM}/schedulers", "BasicScheduler", module=MODULE,
    ),
    Node(
        "KSamplerSelect", select, {"sampler_name": choice(*SAMPLERS)},
        ("SAMPLER",), f"{CUSTOM}/samplers", "KSamplerSelect", module=MODULE,
    ),
    Node(
        "RandomNoise", noise, {"noise_seed": seed()}, ("NOISE",), f"{CUSTOM}/noise", "RandomNoise", module=MODULE
    ),
)  # fmt: skip
