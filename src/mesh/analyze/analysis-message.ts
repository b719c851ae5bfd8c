/** What an analyzer says about an object: Istio's codes, names and levels (istio.md 12.1), our own words. */

import type { KubeObject } from '../../lib/resource.ts';

export const LEVELS = ['Error', 'Warning', 'Info'] as const;
export type Level = (typeof LEVELS)[number];

/** Codes that the analyzers here report, with the name that Istio gives them. */
export const ANALYSIS_CODES = {
  IST0002: { name: 'Deprecated', level: 'Warning' },
  IST0101: { name: 'ReferencedResourceNotFound', level: 'Error' },
  IST0106: { name: 'SchemaValidationError', level: 'Error' },
  IST0109: { name: 'ConflictingMeshGatewayVirtualServiceHosts', level: 'Error' },
  IST0110: { name: 'ConflictingSidecarWorkloadSelectors', level: 'Error' },
  IST0111: { name: 'MultipleSidecarsWithoutWorkloadSelectors', level: 'Error' },
  IST0112: { name: 'VirtualServiceDestinationPortSelectorRequired', level: 'Error' },
  IST0116: { name: 'DeploymentAssociatedToMultipleServices', level: 'Warning' },
  IST0118: { name: 'PortNameIsNotUnderNamingConvention', level: 'Info' },
  IST0128: { name: 'NoServerCertificateVerificationDestinationLevel', level: 'Warning' },
  IST0129: { name: 'NoServerCertificateVerificationPortLevel', level: 'Warning' },
  IST0130: { name: 'VirtualServiceUnreachableRule', level: 'Warning' },
  IST0131: { name: 'VirtualServiceIneffectiveMatch', level: 'Info' },
  IST0132: { name: 'VirtualServiceHostNotFoundInGateway', level: 'Warning' },
  IST0133: { name: 'SchemaWarning', level: 'Warning' },
  IST0134: { name: 'ServiceEntryAddressesRequired', level: 'Warning' },
  IST0137: { name: 'DeploymentConflictingPorts', level: 'Warning' },
  IST0138: { name: 'GatewayDuplicateCertificate', level: 'Warning' },
  IST0140: { name: 'IngressRouteRulesNotAffected', level: 'Warning' },
  IST0144: { name: 'InvalidApplicationUID', level: 'Warning' },
  IST0145: { name: 'ConflictingGateways', level: 'Error' },
  IST0149: { name: 'JwtClaimBasedRoutingWithoutRequestAuthN', level: 'Error' },
  IST0150: { name: 'ExternalNameServiceTypeInvalidPortName', level: 'Warning' },
  IST0151: { name: 'EnvoyFilterUsesRelativeOperation', level: 'Warning' },
  IST0152: { name: 'EnvoyFilterUsesReplaceOperationIncorrectly', level: 'Error' },
  IST0153: { name: 'EnvoyFilterUsesAddOperationIncorrectly', level: 'Error' },
  IST0154: { name: 'EnvoyFilterUsesRemoveOperationIncorrectly', level: 'Error' },
  IST0155: { name: 'EnvoyFilterUsesRelativeOperationWithProxyVersion', level: 'Warning' },
  IST0161: { name: 'InvalidGatewayCredential', level: 'Error' },
  IST0162: { name: 'GatewayPortNotDefinedOnService', level: 'Warning' },
  IST0165: { name: 'ReferencedInternalGateway', level: 'Warning' },
  IST0167: { name: 'IneffectivePolicy', level: 'Warning' },
  IST0173: { name: 'DestinationRuleSubsetNotSelectPods', level: 'Error' },
  IST0174: { name: 'UnknownDestinationRuleHost', level: 'Warning' },
  IST0177: { name: 'ConflictingServiceEntryProtocol', level: 'Warning' },
} as const satisfies Record<string, { name: string; level: Level }>;

export type AnalysisCode = keyof typeof ANALYSIS_CODES;

export type AnalysisMessage = {
  code: AnalysisCode;
  object: KubeObject;
  /** Field that is meant: `spec.http[0].route[1].destination`. */
  path: string;
  text: string;
};

export type ReportMessage = (code: AnalysisCode, object: KubeObject, path: string, text: string) => void;
