import { useStore } from '@nanostores/react'
import { Check } from 'lucide-react'
import { type ReactNode, useId, useRef, useState } from 'react'
import {
  Button,
  FileTrigger,
  Input,
  Label,
  Radio,
  RadioGroup,
  Slider,
  SliderOutput,
  SliderThumb,
  SliderTrack,
  Switch,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  TextField,
} from 'react-aria-components'
import type { Params, Settings } from '../../../core/contract/engine.ts'
import { shell, tellShell } from '../../client/shell.ts'
import { useApp } from '../app-model.ts'
import { Avatar } from '../avatar.tsx'
import { DialogFrame } from '../controls.tsx'
import { pictureOf } from '../person-picture.ts'
import type { SettingsSection } from '../view.ts'
import { DeviceSettings } from './device-settings.tsx'
import { RelaySettings } from './relay-settings.tsx'

/** Everything that can be chosen. A choice is in force, and kept, as soon as it is made. */
export function SettingsDialog({ section, onClose }: { section: SettingsSection; onClose(): void }) {
  return (
    <DialogFrame title="Settings" kind="settings" onClose={onClose}>
      <Tabs className="tabs" orientation="vertical" defaultSelectedKey={section}>
        <TabList className="tab-list" aria-label="Settings">
          <Tab className="tab" id="page">
            Page
          </Tab>
          <Tab className="tab" id="writing">
            Writing
          </Tab>
          <Tab className="tab" id="you">
            You
          </Tab>
          <Tab className="tab" id="relay">
            Relay
          </Tab>
          <Tab className="tab" id="devices">
            Devices
          </Tab>
          <Tab className="tab" id="data">
            Your data
          </Tab>
        </TabList>
        <TabPanel className="tab-panel" id="page">
          <PageSettings />
        </TabPanel>
        <TabPanel className="tab-panel" id="writing">
          <WritingSettings />
        </TabPanel>
        <TabPanel className="tab-panel" id="you">
          <YouSettings />
        </TabPanel>
        <TabPanel className="tab-panel" id="relay">
          <RelaySettings />
        </TabPanel>
        <TabPanel className="tab-panel" id="devices">
          <DeviceSettings />
        </TabPanel>
        <TabPanel className="tab-panel" id="data">
          <DataSettings />
        </TabPanel>
      </Tabs>
    </DialogFrame>
  )
}

/** The settings, and a way to change some of them that tells when that fails. */
function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const { session, messages } = useApp()
  const settings = useStore(session.settings)
  return [settings, (change) => void messages.attempt('The setting was not kept.', session.updateSettings(change))]
}

function PageSettings() {
  const [settings, update] = useSettings()
  return (
    <>
      <Choice
        label="Theme"
        value={settings.theme}
        options={[
          ['system', 'As the system'],
          ['light', 'Light'],
          ['dark', 'Dark'],
        ]}
        onChange={(theme) => update({ theme })}
      />
      <Choice
        label="Text face"
        value={settings.face}
        options={[
          ['serif', 'Literata'],
          ['sans', 'Inter'],
          ['mono', 'JetBrains Mono'],
        ]}
        onChange={(face) => update({ face })}
      />
      <Measure
        label="Text size"
        unit="px"
        value={settings.textSizePx}
        min={14}
        max={28}
        onChange={(textSizePx) => update({ textSizePx })}
      />
      <Measure
        label="Line width"
        unit="characters"
        value={settings.measure}
        min={50}
        max={90}
        onChange={(measure) => update({ measure })}
      />
    </>
  )
}

function WritingSettings() {
  const [settings, update] = useSettings()
  return (
    <>
      <OnOff isOn={settings.smartPunctuation} onChange={(smartPunctuation) => update({ smartPunctuation })}>
        Curly quotes, dashes and ellipses as you type
      </OnOff>
      <OnOff isOn={settings.spellCheck} onChange={(spellCheck) => update({ spellCheck })}>
        Check spelling
      </OnOff>
      <OnOff isOn={settings.typewriter} onChange={(typewriter) => update({ typewriter })}>
        Keep the line you write at the same height
      </OnOff>
      <Choice
        label="Focus"
        value={settings.focus}
        options={[
          ['off', 'Off'],
          ['page', 'Page alone'],
          ['paragraph', 'Paragraph'],
          ['sentence', 'Sentence'],
        ]}
        onChange={(focus) => update({ focus })}
      />
    </>
  )
}

const colorNames = ['Rose', 'Rust', 'Ochre', 'Moss', 'Teal', 'Blue', 'Violet', 'Plum']

function YouSettings() {
  const { session, messages } = useApp()
  const me = useStore(session.info)?.me
  const section = useRef<HTMLElement>(null)
  if (!me) return null
  const update = (change: Params<'person.update'>) => void messages.attempt('It was not kept.', session.updateMe(change))
  function removePicture() {
    // The button goes with the picture, and must not take the focus out of the dialog.
    section.current?.focus()
    update({ picture: null })
  }
  const choose = async (file: File | undefined) => {
    if (file)
      await messages.attempt(
        'The picture was not taken.',
        pictureOf(file).then((picture) => session.updateMe({ picture })),
      )
  }
  return (
    <>
      <TextField className="field" defaultValue={me.name} onChange={(name) => update({ name: name.trim() })}>
        <Label>Your name, as others see it</Label>
        <Input maxLength={100} autoComplete="name" />
      </TextField>
      <RadioGroup className="swatches" value={String(me.color)} onChange={(color) => update({ color: Number(color) })}>
        <Label>Your colour</Label>
        <div className="swatch-row">
          {colorNames.map((name, color) => (
            <Radio key={name} className="swatch" value={String(color)} aria-label={name} data-person-color={color}>
              {({ isSelected }) => (isSelected ? <Check aria-hidden="true" size={16} strokeWidth={3} /> : null)}
            </Radio>
          ))}
        </div>
      </RadioGroup>
      <section ref={section} tabIndex={-1} className="choice-field" aria-label="Your picture">
        <span>Your picture</span>
        <div className="field-row your-picture">
          <Avatar person={me} />
          <FileTrigger acceptedFileTypes={['image/*']} onSelect={(files) => void choose(files?.[0])}>
            <Button className="button">Choose a picture…</Button>
          </FileTrigger>
          {me.picture !== null && (
            <Button className="button" onPress={removePicture}>
              Remove
            </Button>
          )}
        </div>
      </section>
      <NotificationSettings />
    </>
  )
}

/** Whether others are told of outside the window. The browser is asked for leave when this is turned on, and not before. */
function NotificationSettings() {
  const { notifications } = useApp()
  const [settings, update] = useSettings()
  const [allowance, setAllowance] = useState(notifications.allowance)
  const about = useId()
  if (allowance === 'impossible') return null
  const turn = async (isOn: boolean) => {
    const answer = isOn ? await notifications.ask() : allowance
    setAllowance(answer)
    if (!isOn || answer === 'allowed') update({ notifications: isOn })
  }
  return (
    <div className="choice-field">
      <OnOff isOn={settings.notifications && allowance === 'allowed'} onChange={(isOn) => void turn(isOn)} describedBy={about}>
        Notify me when others share with me, comment or mention me
      </OnOff>
      <p id={about} className="soft" role="status">
        {allowance === 'refused'
          ? refusedWords
          : 'While Palimpsest is not in front. You see who it was and in which document, not the text.'}
      </p>
    </div>
  )
}

const refusedWords = 'Your browser does not let Palimpsest notify you. Allow notifications for this page in the browser, then turn this on.'

function DataSettings() {
  const { session } = useApp()
  const info = useStore(session.info)
  if (!info) return null
  return (
    <>
      <p>Everything you write, with its whole history, is in this folder on this computer. Copy the folder to make a backup.</p>
      <p className="data-dir">{info.dataDir}</p>
      {shell && (
        <Button className="button" onPress={() => tellShell({ type: 'data-dir.show' })}>
          Show the folder
        </Button>
      )}
      <p className="soft">Palimpsest {info.version}</p>
    </>
  )
}

interface ChoiceProps<Value extends string> {
  label: string
  value: Value
  options: readonly (readonly [Value, string])[]
  onChange(value: Value): void
}

/** One of a few, all in sight. */
function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <RadioGroup className="choice-field" value={value} onChange={(chosen) => onChange(chosen as Value)} orientation="horizontal">
      <Label>{label}</Label>
      <div className="segmented">
        {options.map(([option, name]) => (
          <Radio key={option} className="segment" value={option} data-option={option}>
            {name}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}

interface MeasureProps {
  label: string
  unit: string
  value: number
  min: number
  max: number
  onChange(value: number): void
}

/** A number between two others. */
function Measure({ label, unit, value, min, max, onChange }: MeasureProps) {
  return (
    <div className="measure-field">
      <Slider className="slider" value={value} minValue={min} maxValue={max} onChange={(chosen) => onChange(chosen)}>
        <Label>{label}</Label>
        <SliderOutput className="soft">{({ state }) => `${state.getThumbValueLabel(0)} ${unit}`}</SliderOutput>
        <SliderTrack className="slider-track">
          <SliderThumb className="slider-thumb" />
        </SliderTrack>
      </Slider>
    </div>
  )
}

interface OnOffProps {
  isOn: boolean
  onChange(isOn: boolean): void
  /** The id of an element that says more. */
  describedBy?: string
  children: ReactNode
}

function OnOff({ isOn, onChange, describedBy, children }: OnOffProps) {
  return (
    <Switch className="switch" isSelected={isOn} onChange={onChange} {...(describedBy && { 'aria-describedby': describedBy })}>
      <span className="switch-track" aria-hidden="true" />
      {children}
    </Switch>
  )
}
